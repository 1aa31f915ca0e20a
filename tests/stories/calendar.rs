//! A window in somebody's calendar, and in plain words.

use interlude::domain::instant::Instant;
use serde_json::json;

use crate::windows::{operator, planned, published};

const WINDOW: &str = "/api/v1/windows/core-upgrade";
const FILE: &str = "/windows/core-upgrade.ics";

/// The properties of a calendar's entries, unfolded.
fn lines(text: &str) -> Vec<String> {
    assert!(text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The value of a property that stands once.
#[track_caller]
fn one(lines: &[String], name: &str) -> String {
    let found: Vec<&str> = lines.iter().filter_map(|l| l.strip_prefix(name)?.strip_prefix(':')).collect();
    assert_eq!(found.len(), 1, "{name} in {lines:?}");
    found[0].to_owned()
}

story! {
    /// A calendar that gets the file again moves and cancels what it has.
    async fn an_entry_follows_its_window(world) {
        let operator = published(world, 10, 18).await;
        let file = world.anyone().get(FILE).await.is(200);
        assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
        assert!(file.header("content-disposition").contains("core-upgrade.ics"));
        let first = lines(&file.text());
        let (uid, sequence) = (one(&first, "UID"), one(&first, "SEQUENCE"));
        assert_eq!((one(&first, "STATUS").as_str(), one(&first, "SUMMARY").as_str()), ("CONFIRMED", "Finance core upgrade"));
        let planned_start = operator.get_json(WINDOW).await["scheduled_start"].as_str().unwrap().to_owned();
        let start = Instant::parse_rfc3339(&planned_start).unwrap();
        assert_eq!(one(&first, "DTSTART")[..13], start.utc().format("%Y%m%dT%H%M").to_string());
        assert!(one(&first, "DTSTART").ends_with('Z'));
        assert!(one(&first, "DESCRIPTION").contains("China time"), "{first:?}");
        assert!(one(&first, "URL").ends_with("/windows/core-upgrade"));
        // Asked for again, nothing has changed; not even the stamp.
        let tag = file.header("etag").to_owned();
        world.anyone().send("get", FILE, &[("if-none-match", &tag)], vec![]).await.is(304);

        let moved = json!({"scheduled_start": crate::windows::hours_from_now(34), "scheduled_end": crate::windows::hours_from_now(40)});
        operator.patch_json(WINDOW, moved).await.is(200);
        let second = lines(&world.anyone().get(FILE).await.is(200).text());
        assert_eq!(one(&second, "UID"), uid);
        assert!(one(&second, "SEQUENCE").parse::<i64>().unwrap() > sequence.parse().unwrap());
        assert_ne!(one(&second, "DTSTART"), one(&first, "DTSTART"));

        operator.patch_json(WINDOW, json!({"state": "cancelled"})).await.is(200);
        let third = lines(&world.anyone().get(&format!("{FILE}?lang=zh-CN")).await.is(200).text());
        assert_eq!((one(&third, "UID"), one(&third, "STATUS").as_str()), (uid, "CANCELLED"));
        assert_eq!(one(&third, "SUMMARY"), "【已取消】财务核心升级");
        assert!(one(&third, "SEQUENCE").parse::<i64>().unwrap() > one(&second, "SEQUENCE").parse().unwrap());
    }

    /// One calendar has them all, drafts not, in the language asked for.
    async fn all_windows_are_one_calendar(world) {
        let operator = operator(world);
        for (slug, start, published) in [("first", 5, true), ("second", 50, true), ("hidden", 60, false)] {
            let mut window = planned(start, start + 2);
            window["slug"] = json!(slug);
            if published {
                window["state"] = json!("scheduled");
            }
            operator.post_json("/api/v1/windows", window).await.is(201);
        }
        operator.patch_json("/api/v1/windows/second", json!({"state": "cancelled"})).await.is(200);
        let text = world.anyone().reading_chinese().get("/calendar.ics").await.is(200).text();
        let all = lines(&text);
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2);
        assert!(one(&all, "X-WR-CALNAME").contains("维护通知"));
        assert!(!text.contains("hidden") && text.contains("STATUS:CANCELLED"));
        world.anyone().get("/windows/hidden.ics").await.is(404);
        world.anyone().get("/windows/hidden.txt").await.is(404);
        for nonsense in ["/windows/%00.ics", "/windows/.ics", "/windows/x%22y.ics", "/windows/..txt"] {
            assert!(world.anyone().get(nonsense).await.status == 404, "{nonsense}");
        }
    }

    /// The notice in plain words has what the page has.
    async fn a_notice_in_plain_words(world) {
        let operator = published(world, 0, 8).await;
        operator.patch_json(WINDOW, json!({"state": "in_progress"})).await.is(200);
        let update = json!({"stage": "planning", "body": {"en": "We *know* **what** to do, see [here](https://example.com/x)"}});
        operator.post_json(&format!("{WINDOW}/updates"), update).await.is(201);
        let text = world.anyone().get("/windows/core-upgrade.txt").await.is(200);
        assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
        for said in ["Finance core upgrade", "In progress", "Everybody in finance", "Fully backed up", "400-820-0000",
            "[Planning] We know what to do, see here (https://example.com/x)", "Log-in: ", "/windows/core-upgrade\n"] {
            assert!(text.text().contains(said), "{said:?} is not in {}", text.text());
        }
        assert!(!text.text().contains('<'));
        let entry = lines(&world.anyone().get(FILE).await.is(200).text()).join("\n");
        assert!(entry.contains("We know what to do\\, see here (https://example.com/x)"), "{entry}");
        world.anyone().get("/windows/core-upgrade.txt?lang=zh-CN").await.is(200).says("【什么时候、要多久？】");
    }

    /// The notice carries its own address as a picture, and leads to the calendar.
    async fn a_notice_is_taken_along(world) {
        published(world, 5, 8).await;
        let page = world.anyone().get("/windows/core-upgrade").await.is(200);
        page.says("class=\"qr\"").says("href=\"/windows/core-upgrade.ics?lang=en\"").says("Add to calendar")
            .says("data-live=\"core-upgrade\"").says("/assets/live.js");
    }
}
