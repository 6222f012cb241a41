use std::collections::HashMap;
use std::sync::Mutex;

pub struct Session {
    pub user: String,
    pub last_seen: u64,
}

/// All sessions. Times are seconds since the epoch.
#[derive(Default)]
pub struct Registry {
    sessions: Mutex<HashMap<u64, Session>>,
}

impl Registry {
    pub fn open(&self, id: u64, user: String, now: u64) {
        let mut sessions = self.sessions.lock().unwrap();
        sessions.insert(id, Session { user, last_seen: now });
    }

    pub fn touch(&self, id: u64, now: u64) -> bool {
        let mut sessions = self.sessions.lock().unwrap();
        match sessions.get_mut(&id) {
            Some(session) => {
                session.last_seen = now;
                true
            }
            None => false,
        }
    }

    pub fn close(&self, id: u64) -> Option<Session> {
        self.sessions.lock().unwrap().remove(&id)
    }

    pub fn count(&self) -> usize {
        self.sessions.lock().unwrap().len()
    }
}
