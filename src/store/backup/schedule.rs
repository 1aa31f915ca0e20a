//! Backups by the clock: one folder, a file every few hours, the newest few kept.

use std::path::{Path, PathBuf};

use chrono::{NaiveDateTime, TimeDelta};
use sha2::{Digest, Sha256};

use super::{Header, Progress, Result, at, extension, stream, to_file_by_way_of};
use crate::domain::instant::Instant;
use crate::store::connection::Database;

/// How the name of a file in the making begins.
pub(super) const PARTIAL: &str = ".interlude-partial-";

/// How it begins for backups of this database by the clock. Only one is made at a time, so by this name
/// what a killed process left is known from what another one is writing.
fn partial_of(database: &Database) -> String {
    let name = stream::hex(&Sha256::digest(database.label()));
    format!("{PARTIAL}{}-", &name[..16])
}

/// Where, how often and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The folder.
    pub folder: PathBuf,
    /// So many hours lie between two backups.
    pub every_hours: u32,
    /// So many are kept.
    pub keep: usize,
}

/// What one turn did.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The new file.
    pub made: PathBuf,
    /// What it holds.
    pub header: Header,
    /// The files that were removed for it.
    pub removed: Vec<PathBuf>,
}

const TIME: &str = "%Y%m%dT%H%M%SZ";

/// The name of a backup made at this moment.
fn name(database: &Database, now: Instant) -> String {
    format!("interlude-{}.{}", now.utc().format(TIME), extension(database))
}

/// When the file of this name was made, if it is a name of ours for this database.
fn made_at(database: &Database, name: &str) -> Option<Instant> {
    let time = name.strip_prefix("interlude-")?.strip_suffix(extension(database))?.strip_suffix('.')?;
    let read = NaiveDateTime::parse_from_str(time, TIME).ok()?.and_utc();
    // Only what we would have written ourselves, letter by letter.
    (read.format(TIME).to_string() == time).then(|| Instant::from_utc(read)).flatten()
}

impl Schedule {
    /// Our files in the folder, the oldest first.
    fn files(&self, database: &Database) -> Result<Vec<(Instant, PathBuf)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let path = entry.map_err(at(&self.folder))?.path();
            let made = path.file_name().and_then(|n| n.to_str()).and_then(|n| made_at(database, n));
            if let Some(made) = made.filter(|_| path.is_file()) {
                files.push((made, path));
            }
        }
        files.sort();
        Ok(files)
    }

    /// When the next backup is due: so long after the newest file, whoever started the server since.
    pub fn due(&self, database: &Database, now: Instant) -> Result<Instant> {
        std::fs::create_dir_all(&self.folder).map_err(at(&self.folder))?;
        let newest = self.files(database)?.into_iter().map(|f| f.0).rfind(|made| *made <= now);
        Ok(newest.map_or(now, |made| made + TimeDelta::hours(i64::from(self.every_hours))))
    }

    /// Makes a backup and then removes the oldest of our own files beyond those to keep. What a
    /// killed process left half-written goes as well. Call it from one process at a time.
    pub fn make(&self, database: &Database, now: Instant, progress: &mut dyn Progress) -> Result<Turn> {
        std::fs::create_dir_all(&self.folder).map_err(at(&self.folder))?;
        let partial = partial_of(database);
        self.remove_partial(&partial)?;
        let made = self.folder.join(name(database, now));
        let header = to_file_by_way_of(&partial, database, &made, progress)?;
        let files = self.files(database)?;
        let mut removed = Vec::new();
        let surplus = files.len().saturating_sub(self.keep.max(1));
        for (_, path) in files.into_iter().filter(|(_, path)| *path != made).take(surplus) {
            // A name is not enough to destroy a file by.
            if super::is_backup(&path) {
                std::fs::remove_file(&path).map_err(at(&path))?;
                removed.push(path);
            }
        }
        Ok(Turn { made, header, removed })
    }

    /// Removes those in the making that nobody makes any more: ours, and those of others that are old.
    fn remove_partial(&self, own: &str) -> Result<()> {
        for entry in std::fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let path = entry.map_err(at(&self.folder))?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            if name.starts_with(own) || name.starts_with(PARTIAL) && old(&path) {
                std::fs::remove_file(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }
}

/// Whether nobody can still be writing this file.
fn old(path: &Path) -> bool {
    const A_DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
    path.metadata()
        .and_then(|m| m.modified())
        .is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| elapsed > A_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_are_known() {
        let sqlite = Database::Sqlite("x.db".into());
        let now = Instant::parse_rfc3339("2026-11-23T02:15:00Z").unwrap();
        assert_eq!(name(&sqlite, now), "interlude-20261123T021500Z.sqlite");
        assert_eq!(made_at(&sqlite, "interlude-20261123T021500Z.sqlite"), Some(now));
        for other in [
            "interlude-20261123T021500Z.jsonl.gz",
            "interlude-20261123T021500Z.sqlite.old",
            "interlude-2026112T021500Z.sqlite",
            "interlude-20261323T021500Z.sqlite",
            "interlude-20261123T021500Zsqlite",
            "interlude.sqlite",
            "my-interlude-20261123T021500Z.sqlite",
        ] {
            assert_eq!(made_at(&sqlite, other), None, "{other}");
        }
    }
}
