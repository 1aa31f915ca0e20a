//! Whatever form it was: what was typed comes back when it cannot be taken, and can be sent from there.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use interlude::domain::language::Language;
use interlude::domain::person::Role;
use interlude::domain::zone::Zone;
use interlude::store::connection::{Database, Db};
use interlude::store::people::Actor as StoreActor;
use interlude::web::routes::TABLE;

use super::{RECOVERY, SOON};
use crate::support::process::Start;
use crate::support::raw::{self, Answer};
use crate::support::{Actor, Reply, World};

/// What somebody typed.
const WORDS: &str = "typed at half past two";

const KEY: &str = "a-form-of-22-characters-x";

/// Addresses whose forms hold no words, and why.
const WITHOUT_WORDS: &[(&str, &str)] = &[
    ("/receipts/{secret}/images", "files alone"),
    ("/admin/appearance/logo", "a file alone"),
    ("/logout", "nothing at all"),
    ("/offline", "nothing at all, and needs no database"),
    ("/login/code", "a code of a log-in that has to be begun again"),
];

/// Something in the place of the variable parts of an address.
fn filled(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        parts.push(match part {
            "{id}" | "{entry}" => "1",
            "{reference}" if path.contains("me-toos") => "M-7KQ4M2",
            "{reference}" => "R-7KQ4M2",
            part if part.starts_with('{') => "nothing-here",
            part => part,
        });
    }
    parts.join("/")
}

fn posted(address: &str, path: &str, body: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", "interlude=whoever-it-is"),
    ];
    raw::ask(address, "POST", path, &headers, body.as_bytes()).unwrap()
}

/// Every form of the table, sent by somebody logged in, comes back with its words.
#[track_caller]
fn every_form_comes_back(address: &str) {
    let body = "description=typed+at+half+past+two&impact=blocked&idempotency_key=a-form-of-22-characters-x\
        &password=not+to+be+shown&code=R-7KQ4M2-9TXE-4WZB-HN3P-6C2D";
    let mut lost = Vec::new();
    for entry in TABLE.iter().filter(|e| e.method == "post" && !e.path.starts_with("/api/")) {
        if WITHOUT_WORDS.iter().any(|(path, _)| *path == entry.path) {
            continue;
        }
        let path = filled(entry.path);
        let answer = posted(address, &path, body);
        let text = answer.text();
        let good = [503, 507].contains(&answer.status)
            && answer.header("retry-after").is_some()
            && text.contains(WORDS)
            && text.contains(&format!("action=\"{path}"))
            && !text.contains("not to be shown")
            && !text.contains("9TXE-4WZB")
            && answer.took < 2 * SOON;
        if !good {
            lost.push(format!("{}: {} after {:?}", entry.path, answer.status, answer.took));
        }
    }
    assert!(lost.is_empty(), "lost by {lost:#?}");
}

/// The database goes away under a server that runs.
#[test]
fn without_a_database_every_form_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let process = Start::on(&Database::Sqlite(path.clone()), folder.path()).go();
    std::fs::rename(&path, folder.path().join("away.db")).unwrap();
    process.wait_for("/readyz", RECOVERY, |a| a.status == 503);
    every_form_comes_back(&process.address);

    // Nothing that another site made a browser send is given back.
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let forged = raw::ask(&process.address, "POST", "/receipts", &headers, b"note=from+elsewhere").unwrap();
    assert_eq!(forged.status, 403);
    assert!(!forged.text().contains("from elsewhere"));

    // Files are not kept, and it is said.
    let headers = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "same-origin")];
    let picture =
        raw::ask(&process.address, "POST", "/receipts/K7QM-2XVD-88YJ-TW4N/images", &headers, b"--edge--")
            .unwrap();
    assert_eq!(picture.status, 503, "{}", picture.text());
    assert!(picture.text().contains("Please choose them again"), "{}", picture.text());
}

/// "Me too" with a contact, when not even the known issue can be read: the contact comes back, and the page
/// sends it again under its key. So does the press of the button on a notice, which holds the key alone.
#[test]
fn a_me_too_that_nobody_can_take_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let mut start = Start::on(&database, folder.path());
    let process = start.go();
    let store = interlude::store::Store::open(database.clone()).unwrap();
    let draft = crate::known::draft();
    let issue = store
        .write_here(move |w| {
            let key = interlude::domain::window::ComponentKey::parse("key", "login")?;
            let name = interlude::domain::language::Texts::single(Language::En, "Log-in");
            interlude::store::components::add(w, &StoreActor::CommandLine, &key, &name, false)?;
            interlude::store::known_issues::create(w, &StoreActor::CommandLine, &draft, false)
        })
        .unwrap();
    let met = || store.read_here(|c| interlude::store::known_issues::by_id(c, issue)).unwrap().met();
    let at = format!("/known-issues/{issue}/me-too");
    let away = folder.path().join("away.db");
    std::fs::rename(&path, &away).unwrap();
    process.wait_for("/readyz", RECOVERY, |a| a.status == 503);

    let bodies = [
        ("idempotency_key=a-form-of-22-characters-1&email=typed%40example.org&phone=", "typed@example.org"),
        ("idempotency_key=a-form-of-22-characters-2", "a-form-of-22-characters-2"),
    ];
    let sent = |body: &str| {
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        raw::ask(&process.address, "POST", &at, &headers, body.as_bytes()).unwrap()
    };
    for (body, typed) in bodies {
        let answer = sent(body);
        let text = answer.text();
        assert_eq!(answer.status, 503, "{text}");
        assert!(answer.header("retry-after").is_some() && answer.took < SOON, "after {:?}", answer.took);
        assert!(text.contains(typed) && text.contains(&body[16..41]), "{text}");
        assert!(
            text.contains(&format!("action=\"{at}\"")) && text.contains("<button type=\"submit\""),
            "{text}"
        );
    }
    std::fs::rename(&away, &path).unwrap();
    process.wait_for("/readyz", RECOVERY, |a| a.status == 200);
    for (n, (body, _)) in bodies.iter().enumerate() {
        let (first, again) = (sent(body), sent(body));
        assert_eq!((first.status, again.status), (303, 303), "{}", first.text());
        assert_eq!(first.header("location"), again.header("location"));
        assert_eq!(met(), n as i64 + 1);
    }
}

/// The server starts while its database is held by somebody else.
#[test]
fn before_there_is_a_database_every_form_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = Database::Sqlite(path.clone());
    let mut start = Start::on(&database, folder.path());
    start.go().kill();
    let mut other = database.open(30_000).unwrap();
    let Db::Sqlite(connection) = &mut other else { panic!("a file was asked for") };
    connection.batch_execute("BEGIN EXCLUSIVE").unwrap();
    let process = start.go_without_database();
    let ready = process.get("/readyz");
    assert_eq!(ready.status, 503, "{}", ready.text());
    every_form_comes_back(&process.address);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let forged = raw::ask(&process.address, "POST", "/report", &headers, b"note=from+elsewhere").unwrap();
    assert!(!forged.text().contains("from elsewhere"));
}

/// Who sends it, where to, and what: the first field is the one that is typed in.
type Filled<'a> = (&'a Actor, String, Vec<(&'a str, &'a str)>);

/// The fields of a page that gives a form back, and where it is sent.
fn given_back(reply: &Reply) -> (String, Vec<(String, String)>) {
    let text = reply.text();
    let form = text.split("<form class=\"form\"").nth(1).unwrap_or_else(|| panic!("no form in {text}"));
    let form = form.split("</form>").next().unwrap();
    let plain = |text: &str| {
        text.replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#38;", "&")
    };
    let attribute = |tag: &str, name: &str| {
        let at = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(plain(at.split('"').next()?))
    };
    let mut fields = Vec::new();
    for tag in form.split('<').filter(|t| t.starts_with("input") || t.starts_with("textarea")) {
        let value = match tag.starts_with("textarea") {
            true => plain(tag.split_once('>').unwrap().1.trim_start_matches('\n')),
            false => attribute(tag, "value").unwrap_or_default(),
        };
        fields.push((attribute(tag, "name").unwrap(), value));
    }
    (attribute(form, "action").unwrap(), fields)
}

async fn send_again(actor: &Actor, reply: &Reply) -> Reply {
    let (action, fields) = given_back(reply);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    actor.post_form(&action, &fields).await
}

/// Somebody else holds the database: each form that carries words, filled in as people fill it in,
/// comes back soon with its words, under the key that it had. Sent from there afterwards it is taken,
/// once.
#[test]
fn a_lock_costs_nobody_what_was_typed() {
    let world = World::on_sqlite();
    world.run(async {
        let zone = "Asia/Shanghai".parse::<Zone>().unwrap();
        interlude::demo::load(&world.store, &StoreActor::CommandLine, zone, Language::En).await.unwrap();
        let (staff, user) = (world.staff(Role::Administrator), world.anyone());
        let window = async |state: &str| {
            let found = user.get_json(&format!("/api/v1/windows?state={state}")).await;
            found["items"][0]["slug"].as_str().unwrap().to_owned()
        };
        let (running, past) = (window("in_progress,verifying").await, window("completed").await);
        let reports = staff.get_json("/api/v1/reports?limit=5").await;
        let report = reports["items"][0]["reference"].as_str().unwrap().to_owned();
        let issue = serde_json::json!({"title": {"en": "Exports hang"}, "workaround": "Wait."});
        let issue = staff.post_json("/api/v1/known-issues", issue).await.is(201).json()["id"].to_string();
        let sent = user
            .post_json_once(
                "/api/v1/reports",
                KEY,
                serde_json::json!({"impact": "blocked", "description": "Nothing works."}),
            )
            .await
            .is(201)
            .json();
        let receipt = format!(
            "/receipts/{}",
            sent["receipt_url"].as_str().unwrap().split("/receipts/").nth(1).unwrap()
        );

        let Database::Sqlite(path) = world.store.database() else { panic!("a file was asked for") };
        let mut other = Database::Sqlite(path.clone()).open(30_000).unwrap();
        let Db::Sqlite(connection) = &mut other else { panic!("a file was asked for") };
        connection.batch_execute("BEGIN IMMEDIATE").unwrap();
        let forms: Vec<Filled> = vec![
            (&user, "/report".into(), vec![("description", WORDS), ("impact", "blocked")]),
            (
                &user,
                format!("/windows/{running}/report"),
                vec![("description", WORDS), ("impact", "blocked")],
            ),
            (
                &user,
                format!("/embed/windows/{running}/report?lang=en"),
                vec![("description", WORDS), ("impact", "blocked")],
            ),
            (&user, format!("{receipt}/messages"), vec![("message", WORDS)]),
            (&user, format!("{receipt}/contact"), vec![("email", "typed@example.org")]),
            (
                &user,
                format!("/windows/{past}/survey"),
                vec![("comment", WORDS), ("csat", "4"), ("act", "keep")],
            ),
            (
                &user,
                format!("/embed/windows/{past}/survey?lang=en"),
                vec![("comment", WORDS), ("act", "keep")],
            ),
            (&user, format!("/known-issues/{issue}/me-too"), vec![("email", "typed@example.org")]),
            (&staff, "/admin/reports/new".into(), vec![("description", WORDS), ("impact", "blocked")]),
            (&staff, format!("/admin/reports/{report}"), vec![("note", WORDS)]),
            (&staff, format!("/admin/reports/{report}"), vec![("answer", WORDS)]),
            (
                &staff,
                "/admin/bulk".into(),
                vec![("note", WORDS), ("status", "closed"), ("scope", "all"), ("query", "")],
            ),
            (
                &staff,
                "/admin/known-issues/new".into(),
                vec![("title.en", WORDS), ("body.en", WORDS), ("status", "investigating")],
            ),
            (&staff, "/admin/improvements/new".into(), vec![("title", WORDS), ("detail", WORDS)]),
            (&staff, "/admin/answers".into(), vec![("title.zh-CN", WORDS), ("body.zh-CN", WORDS)]),
            (&staff, "/admin/components".into(), vec![("name.zh-CN", WORDS), ("key", "another")]),
            (&staff, "/admin/filters".into(), vec![("name", WORDS), ("query", "status=new")]),
            (&staff, "/admin/appearance".into(), vec![("footer.en", WORDS)]),
            (
                &staff,
                "/admin/settings".into(),
                vec![("service_name", WORDS), ("default_language", "en"), ("time_zone", "Asia/Shanghai")],
            ),
            (
                &staff,
                format!("/admin/windows/{running}"),
                vec![("body.zh-CN", WORDS), ("stage", "implementation"), ("act", "update")],
            ),
            (&staff, "/admin/tokens".into(), vec![("name", WORDS), ("role", "viewer"), ("days", "7")]),
        ];
        let mut lost = Vec::new();
        let mut held = Vec::new();
        for (n, (actor, path, fields)) in forms.iter().enumerate() {
            let key = format!("{KEY}-{n}");
            let fields: Vec<(&str, &str)> =
                fields.iter().copied().chain([("idempotency_key", key.as_str())]).collect();
            let begun = std::time::Instant::now();
            let reply = actor.post_form(path, &fields).await;
            let text = reply.text();
            let good = reply.status == 503
                && !reply.header("retry-after").is_empty()
                && text.contains(fields[0].1)
                && text.contains(&key)
                && begun.elapsed() < 2 * SOON;
            if !good {
                lost.push(format!(
                    "{path} {fields:?}: {} after {:?}: {}",
                    reply.status,
                    begun.elapsed(),
                    reply.visible()
                ));
            }
            held.push(reply);
        }
        assert!(lost.is_empty(), "{lost:#?}");
        let at = |path: &str| forms.iter().position(|(_, p, _)| p == path).unwrap();
        let framed = &held[at(&format!("/embed/windows/{past}/survey?lang=en"))];
        assert!(!framed.text().contains("site-footer"), "a frame has no footer of ours");
        let framed = given_back(framed);
        assert_eq!(framed.0, format!("/embed/windows/{past}/survey?lang=en"));

        drop(other);
        // Each is sent from the page twice, as people do who see nothing happen.
        for _ in 0..2 {
            send_again(&staff, &held[at("/admin/reports/new")]).await.is(200);
            send_again(&user, &held[at(&format!("/windows/{past}/survey"))]).await.is(303);
        }
        let (told, answered): (i64, i64) = world.read(|c| {
            use interlude::store::schema::{report_contents, responses};
            let told = report_contents::table.filter(report_contents::description.eq(WORDS));
            let answered = responses::table.filter(responses::comment.eq(WORDS));
            Ok((told.count().get_result(c)?, answered.count().get_result(c)?))
        });
        assert_eq!((told, answered), (1, 1));
        let me_too = &held[at(&format!("/known-issues/{issue}/me-too"))];
        let (first, again) =
            (send_again(&user, me_too).await.is(303), send_again(&user, me_too).await.is(303));
        assert!(first.location().starts_with("/receipts/m-"), "{}", first.location());
        assert_eq!(first.location(), again.location());
        let number: i64 = issue.parse().unwrap();
        let met = world.read(|c| interlude::store::known_issues::by_id(c, number)).met();
        assert_eq!(met, 1, "somebody who sends it twice is one person");
        send_again(&staff, &held[at(&format!("/admin/reports/{report}"))]).await.is(303);
        staff.get(&format!("/admin/reports/{report}")).await.says(WORDS);
    });
}

/// A key that came with other words, and too many at once, cost nobody their words either.
#[test]
fn other_refusals_keep_the_words_too() {
    let world = World::with_limits();
    world.run(async {
        let staff = world.staff(Role::Support);
        let form =
            |words: &'static str| [("description", words), ("impact", "blocked"), ("idempotency_key", KEY)];
        staff.post_form("/admin/reports/new", &form("the first words")).await.is(200);
        let reused = staff.post_form("/admin/reports/new", &form(WORDS)).await.is(422).says(WORDS);
        let (_, fields) = given_back(&reused);
        let key = fields.iter().find(|(name, _)| name == "idempotency_key").unwrap();
        assert_ne!(key.1, KEY, "it is another report");
        send_again(&staff, &reused).await.is(200);

        let zone = "Asia/Shanghai".parse::<Zone>().unwrap();
        interlude::demo::load(&world.store, &StoreActor::CommandLine, zone, Language::En).await.unwrap();
        let past = world.anyone().get_json("/api/v1/windows?state=completed").await;
        let survey = format!("/windows/{}/survey", past["items"][0]["slug"].as_str().unwrap());
        let mut often = None;
        for n in 0..200 {
            let key = format!("{KEY}-{n}");
            let form = [("comment", WORDS), ("act", "keep"), ("idempotency_key", key.as_str())];
            let reply = world.anyone().post_form(&survey, &form).await;
            if reply.status == 429 {
                often = Some(reply);
                break;
            }
        }
        let often = often.expect("there is no limit").says(WORDS).says("That was too often");
        assert!(!often.header("retry-after").is_empty());
    });
}
