//! Reports that repeat another one: their reporters hear what the reporter of the original hears.

use interlude::domain::language::Texts;
use interlude::domain::line::{Block, COMMENT_MAX};
use interlude::store::people::Actor as StoreActor;
use interlude::store::reports::bulk;
use interlude::store::reports::triage::{self, Changes};
use interlude::store::schema::{duplicate_told, report_events, reports as reports_table};

use super::*;

fn page_of(link: &str) -> String {
    format!("/receipts/{link}")
}

async fn mark(support: &Actor, duplicate: &str, original: &str) {
    support
        .patch_json(&format!("/api/v1/reports/{duplicate}"), json!({"duplicate_of": original}))
        .await
        .is(200);
}

/// How often the receipt's history has an event of this kind.
fn events(receipt: &serde_json::Value, kind: &str) -> usize {
    receipt["history"].as_array().unwrap().iter().filter(|e| e["kind"] == kind).count()
}

/// Does an act on these reports.
fn in_bulk(world: &World, all: &[&str], status: Option<Status>, answer: &str) {
    let ids: Vec<i64> = all.iter().map(|name| ReportReference::parse(name).unwrap().0).collect();
    let asked =
        bulk::Asked { status, answer: Texts::single(Language::ZhCn, answer), ..bulk::Asked::default() };
    world.write(move |w| {
        let mut chosen = Vec::new();
        for id in &ids {
            chosen.push((*id, reports::by_id(w.connection, *id)?.revision));
        }
        let id = bulk::ask(w, &StoreActor::CommandLine, &asked, "", &chosen)?;
        bulk::confirm(w, &StoreActor::CommandLine, id)
    });
}

story! {
    /// What A is told, B is told: the answer, without A's name, and where A stands.
    async fn a_duplicates_reporter_hears_what_the_originals_reporter_hears(world) {
        let (a, a_link) = send(world, "登录不了");
        let (b, b_link) = send(world, "也登录不了");
        let (support, anyone) = (world.program(Role::Support), world.anyone());
        mark(&support, &b, &a).await;
        anyone.get(&page_of(&b_link)).await.is(200).says("Nobody has looked at the problem yet").lacks("value=\"not_fixed\"");
        let seen = world.staff(Role::Support).get(&format!("/admin/reports/{a}")).await.is(200);
        seen.says("repeat this one read the answer, too");
        let answer = format!("Your report {a}: it works again");
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"answer": answer, "status": "resolved"})).await.is(200);
        anyone.get(&page_of(&b_link)).await.is(200)
            .says(&format!("Your report {b}: it works again"))
            .says("We think the problem is solved")
            .says("The problem that you share with others is solved")
            .says("value=\"not_fixed\"").lacks(&a);
        let held = anyone.get_json(&format!("/api/v1/receipts/{b_link}")).await;
        assert_eq!((&held["status"], &held["original_status"]), (&json!("duplicate"), &json!("resolved")));
        assert_eq!((events(&held, "answer"), events(&held, "original")), (1, 1));
        assert!(!held["first_answer_at"].is_null() && !held.to_string().contains(&a), "{held}");
        let data = anyone.get_json(&format!("/receipts/{b_link}/data.json")).await;
        assert_eq!(data["original_status"], "resolved");
        // The next answer is told as well, the first one not again.
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"answer": "One more thing"})).await.is(200);
        let held = anyone.get_json(&format!("/api/v1/receipts/{b_link}")).await;
        assert_eq!((events(&held, "answer"), events(&held, "original")), (2, 1));
        // A note is for colleagues, here as there.
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"note": "secret"})).await.is(200);
        anyone.get(&page_of(&b_link)).await.lacks("secret");
        // Support sees in B's history that it was told; A itself is told nothing twice.
        world.staff(Role::Support).get(&format!("/admin/reports/{b}")).await.says("the report it repeats is resolved");
        let own = anyone.get_json(&format!("/api/v1/receipts/{a_link}")).await;
        assert_eq!((events(&own, "answer"), events(&own, "original"), &own["original_status"]), (2, 0, &json!(null)));
        counts_hold(world);
    }

    /// Whoever joins late gets the last answer at once, and so do those who follow.
    async fn who_joins_late_is_told_at_once(world) {
        let (a, _) = send(world, "登录不了");
        let (b, b_link) = send(world, "也登录不了");
        let (c, c_link) = send(world, "还是登录不了");
        let (support, anyone) = (world.program(Role::Support), world.anyone());
        mark(&support, &c, &b).await;
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"answer": "We are at it"})).await.is(200);
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"answer": "Try again", "status": "resolved"})).await.is(200);
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"status": "closed"})).await.is(200);
        mark(&support, &b, &a).await;
        for link in [&b_link, &c_link] {
            let held = anyone.get_json(&format!("/api/v1/receipts/{link}")).await;
            assert_eq!((events(&held, "answer"), events(&held, "original"), &held["original_status"]), (1, 1, &json!("closed")));
            anyone.get(&page_of(link)).await.says("Try again").lacks("We are at it");
        }
        // The chain points at the first one.
        assert_eq!(support.get_json(&format!("/api/v1/reports/{c}")).await["duplicate_of"], json!(a));
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"answer": "Once more"})).await.is(200);
        anyone.get(&page_of(&c_link)).await.says("Once more");
        counts_hold(world);
    }

    /// Not fixed takes the one report up again and leaves the original and the others alone.
    async fn not_fixed_takes_a_duplicate_up_again(world) {
        let (a, _) = send(world, "登录不了");
        let (b, b_link) = send(world, "也登录不了");
        let (c, _) = send(world, "还是登录不了");
        let (support, anyone) = (world.program(Role::Support), world.anyone());
        mark(&support, &b, &a).await;
        mark(&support, &c, &a).await;
        // Before anything was told it is kept, and reopens nothing.
        anyone.post_form(&format!("/receipts/{b_link}/verdict"), &[("verdict", "not_fixed")]).await.is(303);
        assert_eq!(support.get_json(&format!("/api/v1/reports/{b}")).await["status"], "duplicate");
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"status": "resolved"})).await.is(200);
        let held = anyone.get_json(&format!("/api/v1/receipts/{b_link}")).await;
        assert_eq!((&held["verdict"], events(&held, "original")), (&json!(null), 1));
        anyone.post_form(&format!("/receipts/{b_link}/verdict"), &[("verdict", "not_fixed")]).await.is(303);
        let now = support.get_json(&format!("/api/v1/reports/{b}")).await;
        assert_eq!((&now["status"], &now["duplicate_of"], &now["verdict"]), (&json!("in_progress"), &json!(null), &json!("not_fixed")));
        assert!(now["urgency"].as_i64().unwrap() > 0);
        for (other, status) in [(&a, "resolved"), (&c, "duplicate")] {
            assert_eq!(support.get_json(&format!("/api/v1/reports/{other}")).await["status"], status);
        }
        // It goes its own way from here on.
        support.patch_json(&format!("/api/v1/reports/{a}"), json!({"answer": "To those who wait"})).await.is(200);
        anyone.get(&page_of(&b_link)).await.lacks("To those who wait");
        counts_hold(world);
    }

    /// An act on many tells the duplicates of each, and whoever is answered by it is not told twice.
    async fn acts_on_many_tell_duplicates_once(world) {
        let (a, _) = send(world, "登录不了");
        let (b, b_link) = send(world, "也登录不了");
        let (c, c_link) = send(world, "还是登录不了");
        let (support, anyone) = (world.program(Role::Support), world.anyone());
        mark(&support, &b, &a).await;
        mark(&support, &c, &a).await;
        in_bulk(world, &[&a, &c], None, "Works again");
        for link in [&b_link, &c_link] {
            let held = anyone.get_json(&format!("/api/v1/receipts/{link}")).await;
            assert_eq!(events(&held, "answer"), 1, "{held}");
        }
        // Resolved with an answer: a duplicate cannot go there itself, but hears it.
        in_bulk(world, &[&c, &a], Some(Status::Resolved), "Really");
        for link in [&b_link, &c_link] {
            let held = anyone.get_json(&format!("/api/v1/receipts/{link}")).await;
            assert_eq!((events(&held, "answer"), events(&held, "original")), (2, 1), "{held}");
        }
        counts_hold(world);
    }

    /// More than a step can tell are told by a job, each once, however often it is begun again.
    async fn very_many_are_told_by_a_job(world) {
        let (a, _) = send(world, "登录不了");
        let original = ReportReference::parse(&a).unwrap().0;
        let t = Instant::now().plus_hours(-1);
        put(world, (0..700).map(|i| report("x", t.plus_seconds(i))).collect());
        world.write(move |w| {
            diesel::update(reports_table::table.filter(reports_table::id.ne(original)))
                .set((reports_table::status.eq(Status::Duplicate), reports_table::duplicate_of_id.eq(original), reports_table::urgency.eq(0)))
                .execute(w.connection)?;
            Ok(())
        });
        world.write(move |w| {
            let changes = Changes {
                answer: Some(Block::required("answer", "Works again", COMMENT_MAX)?),
                ..Changes::default()
            };
            triage::change(w, &StoreActor::CommandLine, original, None, &changes).map(drop)
        });
        let told = || -> (i64, i64) {
            world.read(|c| {
                let rows = duplicate_told::table.select(diesel::dsl::count_star()).first(c)?;
                let answers = report_events::table.filter(report_events::kind.eq("answer"))
                    .filter(report_events::report_id.ne(original)).select(diesel::dsl::count_star()).first(c)?;
                Ok((rows, answers))
            })
        };
        assert_eq!(told(), (0, 0));
        let job = world.read(|c| jobs::due(c, Instant::now())).remove(0);
        world.write(move |w| reports::tell_more(w, &job).map(drop));
        assert_eq!(told(), (500, 500));
        interlude::jobs::tick(&world.store, false).await.unwrap();
        assert_eq!(told(), (700, 700));
        assert!(world.read(|c| jobs::due(c, Instant::now())).is_empty());
    }
}
