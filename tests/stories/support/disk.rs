//! A disk that runs full.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small disk in memory, gone when dropped.
pub struct SmallDisk {
    /// Where it is.
    pub at: PathBuf,
}

impl SmallDisk {
    /// One of so many MiB in this folder. Nothing where this may not be done.
    pub fn in_folder(folder: &Path, size: u32) -> Option<SmallDisk> {
        let at = folder.join("disk");
        std::fs::create_dir(&at).unwrap();
        let options = format!("size={size}m");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output();
        match mount {
            Ok(output) if output.status.success() => Some(SmallDisk { at }),
            _ => None,
        }
    }

    /// Takes all the room there is; gives the file that has it.
    pub fn fill(&self) -> PathBuf {
        let path = self.at.join("filler");
        let mut file = File::create(&path).unwrap();
        let block = [b'x'; 1024];
        while file.write_all(&block).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let gone = Command::new("umount").arg("--lazy").arg(&self.at).status();
        if !gone.is_ok_and(|status| status.success()) {
            println!("{} stays mounted", self.at.display());
        }
    }
}
