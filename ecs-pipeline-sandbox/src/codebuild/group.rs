//! The processes of a build: what one command left running is there for the next, and ends with the build.

use std::io;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// A process group of its own. Its leader does nothing but be there: as long as nobody waits for it, its
/// id is no other process's.
#[derive(Debug)]
pub(super) struct Group {
    id: Pid,
    _leader: Child,
}

impl Group {
    pub(super) fn start() -> io::Result<Self> {
        let leader = Command::new("/bin/sh")
            // It ends by itself when this process does, however that ends.
            .args(["-c", "read _"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let id = leader.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw);
        Ok(Self {
            id: id.ok_or_else(|| io::Error::other("a process without an id"))?,
            _leader: leader,
        })
    }

    /// Makes a command's process one of the group.
    pub(super) fn join<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.process_group(self.id.as_raw_nonzero().get())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // All of them may have ended by themselves.
        let _ = kill_process_group(self.id, Signal::KILL);
    }
}
