//! Backups by the clock.

use std::time::{Duration, Instant as Clock};

use interlude::domain::instant::Instant;
use interlude::store::backup::schedule::Schedule;
use interlude::store::backup::{self};

use super::filled::fill;
use super::{on_both, program};

on_both! {
    /// The newest few are kept, what is not ours stays, and the next is due after the newest.
    fn the_newest_are_kept(place) {
        fill(&place);
        let folder = tempfile::tempdir().unwrap();
        let schedule = Schedule { folder: folder.path().join("backups"), every_hours: 6, keep: 2 };
        let start = Instant::now();
        assert_eq!(schedule.due(&place.database, start).unwrap(), start);
        let ending = backup::extension(&place.database);
        let theirs = ["letter.txt".to_owned(), format!("interlude-20010101T000000Z.{ending}"), format!("copy.{ending}")];
        for name in &theirs {
            std::fs::write(schedule.folder.join(name), "not ours").unwrap();
        }
        let mut made = Vec::new();
        for hour in 0..4 {
            let now = start.plus_hours(6 * hour);
            let turn = schedule.make(&place.database, now, &mut ()).unwrap();
            assert_eq!(schedule.due(&place.database, now).unwrap().seconds(), now.plus_hours(6).seconds());
            made.push(turn.made);
        }
        assert_eq!(made.iter().map(|m| m.exists()).collect::<Vec<_>>(), [false, false, true, true]);
        for name in &theirs {
            assert!(schedule.folder.join(name).exists(), "{name}");
        }
        for file in &made[2..] {
            backup::check(file, &mut ()).unwrap();
        }
    }

    /// The server makes them by itself.
    fn the_server_makes_them(place) {
        let folder = tempfile::tempdir().unwrap();
        let backups = folder.path().join("backups");
        let mut server = program(&place, &["serve"])
            .env("INTERLUDE_LISTEN", "127.0.0.1:0")
            .env("INTERLUDE_DATA_DIR", folder.path())
            .env("INTERLUDE_BACKUP_DIR", &backups)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let patience = Clock::now() + Duration::from_secs(60);
        let file = loop {
            let found = std::fs::read_dir(&backups).ok().and_then(|files| {
                files.flatten().map(|f| f.path()).find(|f| f.extension().is_some_and(|e| e != "partial") && !f.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')))
            });
            if found.is_some() || Clock::now() > patience {
                break found;
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(backup::check(&file.expect("no backup within a minute"), &mut ()).unwrap().rows() > 0);
    }
}
