//! Folders and files: whether they can be used, who else may, and how much room there is.

use std::path::{Path, PathBuf};

use super::Found;
use crate::config::DataOptions;

/// Below this much free space next to the database something must be done: 1 GiB.
const SPACE_LOW: u64 = 1 << 30;

/// The folder of the data: the database, unless a URL names another one, and pages kept for the time
/// when there is none.
pub(super) fn data(data: &DataOptions) -> Found {
    let shown = data.data_dir.display();
    let kept_only = data.database_url.is_some();
    let unusable = |what: String| {
        if kept_only {
            let what = format!("{what}; a server that starts without its database will show no notice");
            return Found::Warning(
                what,
                "choose another one with --data-dir, or give it to the server's user",
            );
        }
        Found::Bad(
            what,
            "choose another one with --data-dir, or make the user that runs the server its owner",
        )
    };
    if kept_only && !data.data_dir.exists() {
        // Looking must not make what is not needed yet.
        return Found::Good(format!(
            "{shown} is made when there are pages to keep: DATABASE_URL names the database"
        ));
    }
    if let Err(error) = std::fs::create_dir_all(&data.data_dir) {
        return unusable(format!("{shown} cannot be made: {error}"));
    }
    match tempfile::tempfile_in(&data.data_dir) {
        Err(error) => unusable(format!("nothing can be written in {shown}: {error}")),
        // Kept pages are what everybody may read anyway.
        Ok(_) if kept_only => {
            Found::Good(format!("{shown} holds kept pages alone: DATABASE_URL names the database"))
        }
        Ok(_) => owners_alone(&data.data_dir),
    }
}

/// What there is to say of the file of an embedded database and of its folder.
pub(super) fn embedded(path: &Path, in_data_folder: bool) -> Vec<(&'static str, Found)> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut found = vec![("free space", space(folder))];
    if !in_data_folder {
        found.push(("database folder", used(folder)));
    }
    found.extend(path.exists().then(|| ("database file", file_of_database(path, folder))));
    found
}

/// A folder that must be there and take files.
fn used(folder: &Path) -> Found {
    match tempfile::tempfile_in(folder) {
        Err(error) => Found::Bad(
            format!("nothing can be written in {}: {error}", folder.display()),
            "make the folder, and the user that runs the server its owner",
        ),
        Ok(_) => owners_alone(folder),
    }
}

fn owners_alone(folder: &Path) -> Found {
    others_may(folder, 0o077, "can be entered by other users of this machine", "chmod 700 the folder")
}

/// The file of a database and what stands beside it. In a folder that nobody else can enter, its own
/// rights do not matter.
fn file_of_database(path: &Path, folder: &Path) -> Found {
    if let Err(error) = std::fs::OpenOptions::new().read(true).write(true).open(path) {
        return Found::Bad(
            format!("{} cannot be written: {error}", path.display()),
            "make the user that runs the server its owner (chown, chmod 600)",
        );
    }
    if let good @ Found::Good(_) = others_may(folder, 0o011, "", "") {
        return good;
    }
    let beside = ["-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    for file in std::iter::once(path).chain(beside.iter().map(PathBuf::as_path)).filter(|file| file.exists())
    {
        let found = others_may(
            file,
            0o077,
            "can be read by other users of this machine",
            "chmod 600 the file, or chmod 700 its folder",
        );
        if !matches!(found, Found::Good(_)) {
            return found;
        }
    }
    Found::Good(format!("{} is its owner's alone", path.display()))
}

/// A file in which secrets may stand.
pub(super) fn secret(file: &Path) -> Found {
    match std::fs::File::open(file) {
        Err(error) => Found::Bad(
            format!("{} cannot be read: {error}", file.display()),
            "let the user that runs the server read it (chown, chmod 600)",
        ),
        Ok(_) => others_may(file, 0o077, "can be read by other users of this machine", "chmod 600 the file"),
    }
}

/// The folder of backups.
pub(super) fn backups(folder: &Path) -> Found {
    let shown = folder.display();
    if let Err(error) = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder).map(drop))
    {
        return Found::Bad(
            format!("nothing can be written in {shown}: {error}"),
            "make the user that runs the server the owner of the folder",
        );
    }
    match space(folder) {
        Found::Good(free) => owners_alone(folder).with_room(free),
        low => low,
    }
}

/// Warns if anybody but the owner has one of these rights.
#[cfg(unix)]
fn others_may(path: &Path, rights: u32, what: &str, mend: &'static str) -> Found {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    match std::fs::metadata(path).map(|m| m.permissions().mode() & rights) {
        Ok(0) => Found::Good(format!("{shown} is its owner's alone")),
        Ok(_) => Found::Warning(format!("{shown} {what}, and it holds what is nobody's business"), mend),
        Err(error) => Found::Bad(format!("{shown}: {error}"), "see whether it exists"),
    }
}

#[cfg(not(unix))]
fn others_may(path: &Path, _: u32, _: &str, _: &'static str) -> Found {
    Found::Good(format!("{} can be used", path.display()))
}

/// What `df` says, for the standard library cannot tell.
fn space(folder: &Path) -> Found {
    let told = std::process::Command::new("df").arg("-Pk").arg(folder).output();
    room(told.ok().and_then(|out| free(&String::from_utf8_lossy(&out.stdout))))
}

/// The free bytes in what `df -Pk` says.
fn free(told: &str) -> Option<u64> {
    told.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.checked_mul(1_024)
}

fn room(free: Option<u64>) -> Found {
    match free {
        None => Found::Warning("not known".to_owned(), "see that the disk does not run full"),
        Some(free) if free < SPACE_LOW => Found::Bad(
            format!("{} MiB", free >> 20),
            "make room: a full disk stops everything that is sent from being kept",
        ),
        Some(free) => Found::Good(format!("{} GiB", free >> 30)),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file(folder: &Path, name: &str, mode: u32) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, "x").unwrap();
        rights(&path, mode);
        path
    }

    fn rights(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn room_is_read_and_judged() {
        let told =
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 2097152 40% /\n";
        assert_eq!(free(told), Some(2 << 30));
        assert_eq!(free("nothing"), None);
        assert!(matches!(room(Some(2 << 30)), Found::Good(what) if what == "2 GiB"));
        assert!(matches!(room(Some(1 << 29)), Found::Bad(what, _) if what == "512 MiB"));
        assert!(matches!(room(None), Found::Warning(..)));
    }

    #[test]
    fn what_others_may_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(secret(&file(folder.path(), "own.toml", 0o600)), Found::Good(_)));
        assert!(matches!(secret(&file(folder.path(), "open.toml", 0o644)), Found::Warning(..)));
        assert!(matches!(secret(&folder.path().join("none.toml")), Found::Bad(..)));
    }

    #[test]
    fn the_file_of_the_database_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let path = file(folder, "interlude.db", 0o644);
        rights(folder, 0o700);
        assert!(matches!(file_of_database(&path, folder), Found::Good(_)), "nobody else comes so far");
        rights(folder, 0o755);
        assert!(matches!(file_of_database(&path, folder), Found::Warning(..)));
        rights(&path, 0o600);
        assert!(matches!(file_of_database(&path, folder), Found::Good(_)));
        file(folder, "interlude.db-wal", 0o644);
        assert!(matches!(file_of_database(&path, folder), Found::Warning(..)));
        let names = |found: Vec<(&'static str, Found)>| found.into_iter().map(|(n, _)| n).collect::<Vec<_>>();
        assert_eq!(names(embedded(&path, true)), ["free space", "database file"]);
        assert_eq!(names(embedded(&folder.join("new.db"), false)), ["free space", "database folder"]);
        assert!(matches!(used(&folder.join("nowhere")), Found::Bad(..)));
    }
}
