use std::io::{self, Read, Write};

/// The longest frame that is taken.
pub const MAX_FRAME: usize = 1 << 20;

/// A frame is its length in two bytes, the higher one first, and so many bytes.
pub fn read_frame(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = [0u8; 2];
    source.read_exact(&mut head)?;
    let mut body = vec![0u8; usize::from(u16::from_be_bytes(head))];
    source.read_exact(&mut body)?;
    Ok(body)
}

pub fn write_frame(target: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    target.write_all(&length.to_be_bytes())?;
    target.write_all(body)
}
