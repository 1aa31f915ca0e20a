//! What everybody may read and nothing but reads is answered while the database cannot be read: by a
//! server that lost it, in each language, by one that lost it right after its start, and by one that
//! started without it.

use std::path::Path;

use diesel::connection::SimpleConnection;
use interlude::domain::colour::Accent;
use interlude::domain::language::Language;
use interlude::domain::screenshot::Screenshot;
use interlude::domain::zone::Zone;
use interlude::store::appearance::{self, Appearance};
use interlude::store::connection::{Database, Db};
use interlude::store::people::Actor;
use interlude::store::{Store, windows};
use interlude::web::kept::KeptPages;
use interlude::web::routes::TABLE;

use super::{RECOVERY, SOON};
use crate::support::process::{Process, Start};
use crate::support::raw;

/// What needs the database, and why.
const NEEDS_IT: &[(&str, &str)] = &[
    ("/readyz", "says that the database is away"),
    ("/events", "has no end"),
    ("/embed/receipts/{secret}", "opened by a secret, which only the database knows"),
    ("/receipts/{secret}", "opened by a secret"),
    ("/receipts/{secret}/images/{id}", "opened by a secret"),
    ("/receipts/{secret}/data.json", "opened by a secret"),
    ("/api/v1/receipts/{secret}", "opened by a secret"),
    ("/api/v1/receipts/{secret}/images/{id}", "opened by a secret"),
    ("/embed/surveys/responses/{secret}", "opened by a secret"),
    ("/embed/surveys/responses/{secret}/thanks", "opened by a secret"),
    ("/surveys/responses/{secret}", "opened by a secret"),
    ("/surveys/responses/{secret}/thanks", "opened by a secret"),
    ("/surveys/{invitation}", "opened by a secret"),
    ("/setup/{secret}", "opened by a secret"),
    ("/invitations/{secret}", "opened by a secret"),
    ("/login/code", "a step of logging in"),
    ("/login/provider", "a step of logging in"),
    ("/login/callback", "a step of logging in"),
    ("/known-issues/{id}/me-too", "asks whether the reader was counted before"),
];

/// What a server that has not found its database yet does not show besides, and why.
const NEEDS_A_START: &[(&str, &str)] = &[
    ("/metrics", "what is counted is counted by the server to come"),
    ("/api/openapi.json", "for those who write programs"),
    ("/api/docs", "for those who write programs"),
    ("/api/v1/windows", "for programs, which ask again"),
    ("/api/v1/windows/{slug}", "for programs, which ask again"),
    ("/known-issues.json", "asked by a script while one types, which goes on without"),
    ("/receipts", "leads to what only the database knows"),
    ("/icons/{name}", "devices have kept theirs"),
    ("/login", "logging in"),
    ("/windows/{slug}/survey", "asks whether this browser answered before"),
    ("/embed/windows/{slug}/survey", "who may frame it stands in the database"),
    ("/embed/report", "who may frame it stands in the database"),
    ("/embed/windows/{slug}/report", "who may frame it stands in the database"),
];

/// Everything public that only reads, with a window under way and one that is over.
fn pages(without: &[&[(&str, &str)]], running: &str, past: &str) -> Vec<String> {
    let left_out = |path: &str| without.iter().any(|list| list.iter().any(|(left, _)| *left == path));
    TABLE
        .iter()
        .filter(|e| e.method == "get" && e.role.is_none() && !left_out(e.path))
        .map(|e| {
            let slug = if e.path.contains("survey") { past } else { running };
            let name = if e.path.starts_with("/icons/") { "192.png" } else { "interlude.css" };
            e.path.replace("{slug}", slug).replace("{name}", name)
        })
        .collect()
}

#[track_caller]
fn all_are_shown(process: &Process, pages: &[String]) {
    let mut missing = Vec::new();
    for page in pages {
        for language in ["en", "zh-CN"] {
            let asked = [("accept-language", language)];
            let answer = raw::ask(&process.address, "GET", page, &asked, b"").unwrap();
            if answer.status != 200 || answer.took > 2 * SOON {
                missing.push(format!("{page} in {language}: {} after {:?}", answer.status, answer.took));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}: {}", process.logged());
}

/// Waits until everything that is made beforehand is on disk: pages in each language, the look of all in one.
#[track_caller]
fn wait_until_kept(process: &Process, folder: &Path, running: &str) {
    let kept = KeptPages::in_data_folder(folder);
    let (notice, form) = (format!("/windows/{running}"), format!("/windows/{running}/report"));
    process.wait_for("/report", RECOVERY, |_| {
        let all = kept.all();
        let there = |path: &str, language: Language| all.contains_key(&(path.to_owned(), language));
        let pages = ["/", "/help", "/history", "/report", &notice, &form];
        pages.iter().all(|path| Language::ALL.iter().all(|language| there(path, *language)))
            && ["/brand.css", "/logo", "/sw.js"]
                .iter()
                .all(|path| Language::ALL.iter().any(|language| there(path, *language)))
    });
}

fn picture() -> Screenshot {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(16, 16).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    Screenshot::of_file(bytes.get_ref()).unwrap()
}

/// A database with the demonstration, a colour and a logo; the slugs of the windows under way and over.
fn furnished(database: &Database) -> (String, String) {
    let store = Store::open(database.clone()).unwrap();
    let zone = "Asia/Shanghai".parse::<Zone>().unwrap();
    actix_web::rt::System::new()
        .block_on(interlude::demo::load(&store, &Actor::CommandLine, zone, Language::En))
        .unwrap();
    store
        .write_here(|w| {
            let accent = Some(Accent::parse("accent", "#224488")?);
            appearance::change(w, &Actor::CommandLine, &Appearance { accent, ..Appearance::default() })?;
            appearance::set_logo(w, &Actor::CommandLine, &picture())
        })
        .unwrap();
    let slug = |state| {
        let found = store.read_here(|c| windows::list(c, &[state], None, None, 1)).unwrap();
        found[0].slug.to_string()
    };
    use interlude::domain::window::WindowState::{Completed, InProgress};
    (slug(InProgress), slug(Completed))
}

#[test]
fn what_only_reads_outlives_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let (running, past) = furnished(&database);
    let mut start = Start::on(&database, folder.path());
    let process = start.go();
    let all = pages(&[NEEDS_IT], &running, &past);
    // Somebody has read each, in one language.
    for page in &all {
        let read = process.get(page);
        assert_eq!(read.status, 200, "{page}: {}", read.text());
    }
    // The forms are made beforehand, in both languages, beside what was read.
    wait_until_kept(&process, folder.path(), &running);

    let away = folder.path().join("away.db");
    std::fs::rename(&path, &away).unwrap();
    process.wait_for("/readyz", RECOVERY, |a| a.status == 503);
    all_are_shown(&process, &all);
    // The form that nobody could read the choices for is shown as it was, and takes no key from another.
    let form = process.get(&format!("/windows/{running}/report")).text();
    assert!(form.contains("data-known"), "{form}");
    process.kill();
    std::fs::rename(&away, &path).unwrap();

    // It is lost again before anybody could read anything.
    let process = start.go();
    std::fs::rename(&path, &away).unwrap();
    process.wait_for("/readyz", RECOVERY, |a| a.status == 503);
    let never_read = [
        ("/api/v1/windows", "never read"),
        ("/api/v1/windows/{slug}", "never read"),
        ("/known-issues.json", "never read"),
        ("/windows/{slug}/survey", "never read"),
        ("/embed/windows/{slug}/survey", "never read"),
        ("/logo", "read beforehand only if there was time"),
        ("/icons/{name}", "drawn from the logo"),
    ];
    all_are_shown(&process, &pages(&[NEEDS_IT, &never_read], &running, &past));
    process.kill();
    std::fs::rename(&away, &path).unwrap();

    // And there is none at all when it starts.
    let mut other = database.open(30_000).unwrap();
    let Db::Sqlite(connection) = &mut other else { panic!("a file was asked for") };
    connection.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let process = start.go_without_database();
    assert_eq!(process.get("/readyz").status, 503);
    all_are_shown(&process, &pages(&[NEEDS_IT, NEEDS_A_START], &running, &past));
    let colours = process.get("/brand.css?v=224488");
    assert_eq!((colours.status, colours.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert_eq!(process.get("/logo").header("content-type"), Some("image/png"));
    // Each reader of the form gets a key of their own.
    let key = || {
        let form = process.get("/report").text();
        let key = form.split("name=\"idempotency_key\" value=\"").nth(1).unwrap();
        key.split('"').next().unwrap().to_owned()
    };
    let (first, second) = (key(), key());
    assert!(first.len() >= 22 && first != second, "{first} {second}");
    drop(other);
    process.wait_for("/readyz", RECOVERY, |a| a.status == 200);
}

/// The same on a PostgreSQL server that stops.
#[test]
fn what_only_reads_outlives_a_postgres_server() {
    let Some(cluster) = crate::support::cluster::Cluster::begin() else {
        crate::support::left_out("there is no PostgreSQL server to start");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Postgres(cluster.url("interlude"));
    let (running, past) = furnished(&database);
    let mut start = Start::on(&database, folder.path());
    let process = start.go();
    let all = pages(&[NEEDS_IT], &running, &past);
    for page in &all {
        assert_eq!(process.get(page).status, 200, "{page}");
    }
    wait_until_kept(&process, folder.path(), &running);
    assert!(cluster.stop());
    process.wait_for("/readyz", RECOVERY, |a| a.status == 503);
    all_are_shown(&process, &all);
    process.kill();
    let process = start.go_without_database();
    all_are_shown(&process, &pages(&[NEEDS_IT, NEEDS_A_START], &running, &past));
    assert!(cluster.start());
    process.wait_for("/readyz", RECOVERY, |a| a.status == 200);
}

/// What anybody can think of, such as places in the history, is not kept on disk.
#[test]
fn nobody_fills_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("interlude.db"));
    furnished(&database);
    let process = Start::on(&database, folder.path()).go();
    let history = process.get("/history");
    assert_eq!(history.status, 200);
    let count = || std::fs::read_dir(folder.path().join("kept-pages")).map_or(0, Iterator::count);
    process.wait_for("/", RECOVERY, |_| count() > 4);
    std::thread::sleep(3 * SOON);
    let before = count();
    for n in 0..50 {
        process.get(&format!("/history?cursor={:x}.1", 1_700_000_000_000_000_i64 + n));
    }
    std::thread::sleep(SOON);
    assert_eq!(count(), before);
}
