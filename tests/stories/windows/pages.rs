//! The public pages of windows.

use interlude::domain::person::Role;
use serde_json::json;

use super::{hours_from_now, operator, planned, published, running};

const WINDOW: &str = "/api/v1/windows/core-upgrade";
const PAGE: &str = "/windows/core-upgrade";

story! {
    /// A server that nobody has set up explains itself in the browser's language.
    async fn an_empty_server_explains_itself(world) {
        world.anyone().get("/").await.is(200).says("Welcome to Interlude").says("set up");
        world.anyone().reading_chinese().get("/").await.is(200).says("欢迎使用幕间");
        world.staff(Role::Viewer);
        let elsewhere = world.anyone().get("/?lang=zh-CN").await.is(200);
        assert!(elsewhere.text().contains("lang=\"zh-CN\""));
        world.anyone().get("/history").await.is(200).says("No maintenance yet");
    }

    /// A notice answers what people ask, in both languages, from its publication on.
    async fn a_notice_answers_what_people_ask(world) {
        let operator = operator(world);
        let mut window = planned(2, 10);
        window["finish_before"] = json!(hours_from_now(1));
        window["backup_finished_at"] = json!(hours_from_now(-1));
        window["support"]["hours"] = json!({"time_zone": "Asia/Shanghai", "slots": [
            {"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]});
        operator.post_json("/api/v1/windows", window).await.is(201);
        let (en, zh) = (world.anyone(), world.anyone().reading_chinese());
        en.get(PAGE).await.is(404);
        en.get("/").await.is(200).lacks("Finance core upgrade");
        operator.patch_json(WINDOW, json!({"state": "scheduled"})).await.is(200);
        let page = en.get(PAGE).await.is(200);
        for said in ["Finance core upgrade", "8\u{a0}h", "China time", "Everybody in finance", "Fully backed up",
            "Backup finished", "finish and save your work by", "Please save your drafts", "400-820-0000",
            "Around the clock", "Support is available now", "Log-in", "Unavailable", "Statements and export",
            "Works, may be slower", "The database is replaced", "href=\"tel:4008200000\""] {
            let page = en.get(PAGE).await;
            page.says(said);
        }
        assert!(page.text().contains("<strong>database</strong>"), "Markdown is rendered");
        zh.get(PAGE).await.is(200).says("财务核心升级").says("北京时间").says("什么时候、要多久？").says("整体不可用")
            .says("共 8\u{a0}小时").says("现在有人值守");
        en.get("/").await.is(200).says("Nothing is going on").says("Finance core upgrade").says("Affects: Log-in, Statements and export");
        // What chat apps add to links does no harm.
        en.get("/windows/core-upgrade?from=timeline").await.is(200).lacks("timeline");
    }

    /// What is going on is said at once: stages, updates, the end, what remains open.
    async fn a_notice_follows_the_work(world) {
        let operator = running(world).await;
        let en = world.anyone();
        en.get(PAGE).await.is(200).says("In progress").says("Maintenance is in progress").says("href=\"/windows/core-upgrade/report\"");
        en.get("/").await.is(200).says("Current progress");
        let update = json!({"stage": "planning", "body": {"en": "We *know* what to do <script>alert(1)</script>"}});
        operator.post_json(&format!("{WINDOW}/updates"), update).await.is(201);
        let page = en.get(PAGE).await.is(200).says("know").lacks("<script>alert");
        assert!(page.text().contains("aria-current=\"step\">Planning"));
        en.get("/").await.is(200).says("know");
        operator.patch_json(WINDOW, json!({"state": "verifying"})).await.is(200);
        en.get(PAGE).await.is(200).says("Being tested");
        let done = json!({"state": "completed", "tested": ["login", "export"]});
        operator.patch_json(WINDOW, done).await.is(200);
        en.get(PAGE).await.is(200).says("Completed").says("Tested").says("you can still report problems")
            .says("earlier than planned").says("href=\"/windows/core-upgrade/survey\"");
        en.get("/").await.is(200).says("Nothing is going on").says("Recent maintenance").says("Finance core upgrade");
        en.get("/history").await.is(200).says("Finance core upgrade").says("Completed");
    }

    /// Past its scheduled end a window says so in public, and nobody completes it but people.
    async fn overdue_is_said_in_public(world) {
        running(world).await;
        world.write(|w| {
            use diesel::prelude::*;
            use interlude::store::changes::{self, Kind};
            use interlude::store::schema::windows;
            diesel::update(windows::table).set((
                windows::scheduled_start.eq(w.now.plus_hours(-9)),
                windows::scheduled_end.eq(w.now.plus_hours(-1)),
            )).execute(w.connection)?;
            changes::announce(w, Kind::Window, None)
        });
        world.anyone().get(PAGE).await.is(200).says("Overdue").says("1\u{a0}h late").says("We are sorry");
        world.anyone().reading_chinese().get("/").await.is(200).says("已超时").says("给您添麻烦了");
    }

    /// Moved and cancelled windows keep their old times in public.
    async fn old_times_stay_public(world) {
        let operator = published(world, 10, 18).await;
        let old = operator.get_json(WINDOW).await["scheduled_start"].as_str().unwrap().to_owned();
        let times = json!({"scheduled_start": hours_from_now(34), "scheduled_end": hours_from_now(40)});
        operator.patch_json(WINDOW, times).await.is(200);
        let zone = interlude::domain::zone::Zone::parse("z", "Asia/Shanghai").unwrap();
        let at = interlude::domain::instant::Instant::parse_rfc3339(&old).unwrap();
        let clock = zone.local(at).format("%H:%M").to_string();
        let page = world.anyone().get(PAGE).await.is(200).says("Times changed").says("Originally");
        let struck = page.text().split("<s>").nth(1).unwrap().split("</s>").next().unwrap().to_owned();
        assert!(struck.contains(&clock), "{struck}");
        operator.patch_json(WINDOW, json!({"state": "cancelled"})).await.is(200);
        world.anyone().get(PAGE).await.is(200).says("Cancelled").says("runs as usual").says("Originally")
            .lacks("/windows/core-upgrade/report");
        world.anyone().get("/history").await.is(200).says("Cancelled");
    }

    /// Pages are the same bytes for all who read a language, and known ones are not sent again.
    async fn pages_are_kept_as_bytes(world) {
        let operator = published(world, 1, 9).await;
        let anyone = world.anyone();
        let first = anyone.get(PAGE).await.is(200);
        let tag = first.header("etag").to_owned();
        assert!(!tag.is_empty());
        anyone.send("get", PAGE, &[("if-none-match", &tag)], vec![]).await.is(304);
        let staff = world.staff(Role::Administrator).get(PAGE).await.is(200);
        assert_eq!(staff.bytes, first.bytes, "nothing of the one who asks is in it");
        let packed = anyone.send("get", PAGE, &[("accept-encoding", "gzip")], vec![]).await.is(200);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert_ne!(packed.header("etag"), tag);
        let vary: Vec<&str> = first.headers.get_all("vary").map(|v| v.to_str().unwrap()).collect();
        assert!(vary.join(",").contains("Accept-Language"));
        operator.patch_json(WINDOW, json!({"advice": {"en": "Drink water"}})).await.is(200);
        let again = anyone.send("get", PAGE, &[("if-none-match", &tag)], vec![]).await.is(200);
        again.says("Drink water");
    }

    /// A change made beside the running server is seen within half a second.
    async fn changes_made_elsewhere_are_seen(world) {
        published(world, 1, 9).await;
        let anyone = world.anyone();
        anyone.get(PAGE).await.is(200).says("Scheduled");
        // Another process: its commits are not told to this one.
        let beside = interlude::store::Store::open(world.store.database().clone()).unwrap();
        std::thread::spawn(move || {
            beside.write_here(|w| {
                interlude::store::windows::start(w, &interlude::store::people::Actor::CommandLine, "core-upgrade", None)
            })
        }).join().unwrap().unwrap();
        actix_web::rt::time::sleep(std::time::Duration::from_millis(500)).await;
        anyone.get(PAGE).await.is(200).says("In progress");
    }

    /// The history gives pieces, and a wrong place in it is no failure of ours.
    async fn history_is_read_in_pieces(world) {
        let operator = operator(world);
        for i in 0..52 {
            let mut window = planned(1, 2);
            window["slug"] = json!(format!("w{i}"));
            window["state"] = json!("scheduled");
            operator.post_json("/api/v1/windows", window).await.is(201);
            operator.patch_json(&format!("/api/v1/windows/w{i}"), json!({"state": "cancelled"})).await.is(200);
        }
        let first = world.anyone().get("/history").await.is(200).text();
        let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let second = world.anyone().get(&next).await.is(200).text();
        let count = |html: &str| html.matches("href=\"/windows/w").count();
        assert_eq!((count(&first), count(&second)), (50, 2));
        world.anyone().get("/history?cursor=x").await.is(422);
        world.anyone().get("/windows/no-such").await.is(404);
        world.anyone().get("/windows/%00").await.is(404);
    }
}
