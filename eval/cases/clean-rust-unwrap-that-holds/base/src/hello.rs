/// What a client says first.
#[derive(Debug, PartialEq)]
pub struct Hello {
    pub name: String,
}

pub fn parse(line: &str) -> Option<Hello> {
    let name = line.strip_prefix("HELLO ")?.trim();
    (!name.is_empty()).then(|| Hello { name: name.to_string() })
}
