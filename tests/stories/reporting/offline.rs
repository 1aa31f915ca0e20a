//! Reports that were written where there was no network: sent later, once, with their own times.

use super::*;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::Source;
use interlude::domain::secret::Receipt;
use interlude::store::reports::{self, Report};
use serde_json::json;

/// Sends the form as the script that keeps reports does.
async fn send(actor: &Actor, path: &str, fields: &[(&str, &str)]) -> Reply {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
        ("accept", "application/json"),
    ];
    actor.send("post", path, &headers, body.into_bytes()).await
}

fn kept(world: &World, receipt: &str) -> Report {
    let link = receipt.rsplit('/').next().unwrap();
    let (ReportReference(id), _) = Receipt::of_link(link).unwrap();
    world.read(|c| reports::by_id(c, id))
}

fn minutes_ago(minutes: i64) -> String {
    Instant::now().plus_seconds(-60 * minutes).rfc3339()
}

story! {
    /// What is sent an hour after it was written keeps the times of its writing, and counts once
    /// however often it is sent.
    async fn a_report_is_sent_later_and_once(world) {
        night(world, None);
        let (key, written) = (key("later"), minutes_ago(60));
        let fields = [("idempotency_key", key.as_str()), ("description", "登录不了"), ("impact", "blocked"),
            ("component", "login"), ("occurred", "10m"), ("written_at", written.as_str()), ("language", "zh-CN"),
            ("time_zone", "Asia/Shanghai")];
        let user = world.anyone();
        let first = send(&user, "/windows/night/report", &fields).await.is(201);
        assert_eq!(first.header("cache-control"), "no-store");
        let again = send(&world.anyone().reading_chinese(), "/windows/night/report", &fields).await.is(201);
        assert_eq!(again.bytes, first.bytes, "the same report, whoever reads the answer");
        let receipt = first.json()["receipt"].as_str().unwrap().to_owned();
        assert!(first.json()["reference"].as_str().unwrap().starts_with("R-"));
        let report = kept(world, &receipt);
        let written = Instant::parse_rfc3339(&written).unwrap();
        assert_eq!((report.source, report.written_at), (Source::Offline, Some(written)));
        assert_eq!(report.occurred_at, Some(written.plus_seconds(-600)));
        assert!(report.received_at > written.plus_seconds(3_000));
        user.get(&receipt).await.is(200).says("登录不了");
        counts_are_right(world, 1);
    }

    /// What goes out at once is an ordinary report, although its time of writing is said too.
    async fn a_report_that_is_sent_at_once_is_not_a_kept_one(world) {
        night(world, None);
        let (key, written) = (key("now"), minutes_ago(0));
        let fields = [("idempotency_key", key.as_str()), ("description", "x"), ("impact", "slowed"), ("written_at", written.as_str())];
        let sent = send(&world.anyone(), "/report", &fields).await.is(201).json();
        let report = kept(world, sent["receipt"].as_str().unwrap());
        assert_eq!((report.source, report.written_at), (Source::Web, None));
        // One that was kept says so, however soon it goes out; that is no other report than its first try.
        let again: Vec<(&str, &str)> = fields.iter().copied().chain([("kept", "1")]).collect();
        assert_eq!(send(&world.anyone(), "/report", &again).await.is(201).json(), sent);
        let key = super::key("kept");
        let fields = [("idempotency_key", key.as_str()), ("description", "x"), ("impact", "slowed"),
            ("written_at", written.as_str()), ("kept", "1")];
        let sent = send(&world.anyone(), "/report", &fields).await.is(201).json();
        let report = kept(world, sent["receipt"].as_str().unwrap());
        assert_eq!((report.source, report.written_at), (Source::Offline, Instant::parse_rfc3339(&written)));
    }

    /// A device whose clock is wrong loses nothing: what it says is believed only as far as it can be.
    async fn wrong_clocks_lose_no_report(world) {
        night(world, None);
        let future = minutes_ago(-60 * 24);
        for (name, written) in [("fast", future.as_str()), ("nonsense", "yesterday"), ("zero", "\0"), ("huge", "99999999999999")] {
            let key = key(name);
            let fields = [("idempotency_key", key.as_str()), ("description", "x"), ("impact", "slowed"), ("written_at", written)];
            let sent = send(&world.anyone(), "/report", &fields).await.is(201).json();
            let report = kept(world, sent["receipt"].as_str().unwrap());
            assert!(report.occurred_at.unwrap() <= report.received_at, "{name}");
            assert_eq!(report.source, Source::Web, "{name}");
        }
        let key = key("ancient");
        let fields = [("idempotency_key", key.as_str()), ("description", "x"), ("impact", "slowed"), ("written_at", "2001-01-01T00:00:00Z")];
        send(&world.anyone(), "/report", &fields).await.shows_problem(422, "occurred_at");
        counts_are_right(world, 4);
    }

    /// What is wrong is said to the script as to a program, and to a person as a page.
    async fn refusals_are_said_to_scripts(world) {
        night(world, None);
        let key = key("bad");
        let fields = [("idempotency_key", key.as_str()), ("description", ""), ("impact", "blocked")];
        let said = send(&world.anyone(), "/windows/night/report", &fields).await.shows_problem(422, "description");
        assert!(!said.json()["errors"][0]["message"].as_str().unwrap().is_empty());
        world.anyone().post_form("/windows/night/report", &fields).await.shows_form_again("description");
        // Changed after it had been taken: the script is told so by a code, and asks for the first again.
        let mut fields = [("idempotency_key", key.as_str()), ("description", "first"), ("impact", "blocked")];
        send(&world.anyone(), "/report", &fields).await.is(201);
        fields[1].1 = "second";
        let reused = send(&world.anyone(), "/report", &fields).await.is(422).json();
        assert_eq!(reused["code"], "key_reused");
        send(&world.anyone(), "/windows/gone/report", &fields).await.is(422);
        counts_are_right(world, 1);
    }

    /// Programs may say the same of reports that they kept.
    async fn programs_keep_reports_too(world) {
        night(world, None);
        let written = minutes_ago(90);
        let body = json!({"description": "x", "impact": "blocked", "source": "offline", "written_at": written});
        let sent = world.anyone().post_json_once("/api/v1/reports", &key("api"), body).await.is(201).json();
        let report = kept(world, sent["receipt_url"].as_str().unwrap());
        let written = Instant::parse_rfc3339(&written).unwrap();
        assert_eq!((report.source, report.written_at, report.occurred_at), (Source::Offline, Some(written), Some(written)));
        for bad in ["tomorrow", "2999-01-01T00:00:00Z", "2026-11-22T02:31:00"] {
            let body = json!({"description": "x", "impact": "blocked", "source": "offline", "written_at": bad});
            world.anyone().post_json_once("/api/v1/reports", &key("bad"), body).await.shows_problem(422, "written_at");
        }
        let staff = world.staff(interlude::domain::person::Role::Viewer);
        let reference = sent["reference"].as_str().unwrap();
        staff.get(&format!("/admin/reports/{reference}")).await.is(200).says("Sent later from device").says("Written");
    }

    /// The form is fit to be kept, and nothing that is kept for everybody is a secret.
    async fn the_form_can_be_kept(world) {
        night(world, None);
        world.anyone().get("/windows/night/report").await.is(200).says("data-offline").says("data-now=\"")
            .says("/assets/offline.js").says("/manifest.webmanifest?lang=en");
        let worker = world.anyone().get("/sw.js").await.is(200);
        assert_eq!(worker.header("cache-control"), "no-cache");
        let text = worker.text();
        assert!(!text.contains("__VERSION__") && !text.contains("__FILES__"), "{text}");
        assert!(text.contains("\"/assets/interlude.css\""));
        for secret in ["admin", "receipts", "surveys", "setup", "login"] {
            assert!(text.contains(secret), "{secret} is not left out");
        }
        for file in text.split("\"/assets/").skip(1) {
            let name = file.split('"').next().unwrap();
            world.anyone().get(&format!("/assets/{name}")).await.is(200);
        }
        let manifest = world.anyone().reading_chinese().get("/manifest.webmanifest").await.is(200);
        assert_eq!(manifest.header("content-type"), "application/manifest+json");
        assert_eq!(manifest.json()["lang"], "zh-CN");
        for icon in manifest.json()["icons"].as_array().unwrap() {
            let icon = world.anyone().get(icon["src"].as_str().unwrap()).await.is(200);
            assert_eq!(icon.header("content-type"), "image/png");
        }
        world.anyone().get("/offline").await.is(200).says("Reports can be written without a network");
    }
}
