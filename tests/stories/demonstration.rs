//! The demonstration: loaded through the store's own verbs, and gone without a trace.

use diesel::prelude::*;
use interlude::demo;
use interlude::domain::language::Language;
use interlude::domain::person::Role;
use interlude::domain::window::WindowState;
use interlude::domain::zone::Zone;
use interlude::store::people::Actor;
use interlude::store::schema;
use interlude::store::{Error, components, instance, verify, windows};

use crate::support::World;

async fn load(world: &World, zone: &str) -> Result<(), Error> {
    let zone = Zone::parse("time_zone", zone).unwrap();
    demo::load(&world.store, &Actor::CommandLine, zone, Language::ZhCn).await
}

/// How many rows each table has that the demonstration may touch.
fn rows(world: &World) -> Vec<(&'static str, i64)> {
    macro_rules! count {
        ($($table:ident),*) => {
            vec![$((stringify!($table), world.read(|c| Ok(schema::$table::table.count().get_result(c)?)))),*]
        };
    }
    count!(
        components,
        windows,
        window_moves,
        window_components,
        updates,
        texts,
        reports,
        report_contents,
        report_events,
        report_images,
        search_queue,
        report_counters,
        report_minutes,
        report_spread,
        canned_answers,
        alarms,
        improvements,
        notice_versions,
        responses
    )
}

fn verified(world: &World) -> Vec<String> {
    world.read(verify::verify).findings.iter().map(ToString::to_string).collect()
}

story! {
    /// Six windows in three states, with reports and responses, and counts that are right.
    async fn it_is_loaded_and_counted(world) {
        let begun = std::time::Instant::now();
        load(world, "Asia/Shanghai").await.unwrap();
        println!("loaded in {:?}", begun.elapsed());
        // About a second where nothing else runs; this only sees that it does not crawl.
        assert!(begun.elapsed().as_secs() < 60);
        assert_eq!(verified(world), Vec::<String>::new());
        let all = world.read(|c| windows::list(c, &[], None, None, 10));
        let states: Vec<_> = all.iter().map(|w| w.state).collect();
        use WindowState::{Completed, InProgress, Scheduled};
        assert_eq!(states, [Scheduled, InProgress, Completed, Completed, Completed, Completed]);
        assert!(all.iter().all(|w| w.demonstration && w.components.len() >= 2));
        let past = &all[2];
        assert_eq!((past.updates.len(), past.moves.len()), (8, 1));
        assert!(past.components.iter().all(|c| c.tested_at.is_some()));
        assert!(past.survey_open(world.app.now()));
        let rows = rows(world);
        let count = |table: &str| rows.iter().find(|(name, _)| *name == table).unwrap().1;
        assert!(count("reports") >= 145 && count("responses") >= 60, "{rows:?}");
        assert!(count("report_events") > 2 * count("reports"), "{rows:?}");
    }

    /// Everything said to have happened has happened by now, and in its order.
    async fn nothing_is_in_the_future(world) {
        load(world, "America/New_York").await.unwrap();
        let now = world.app.now();
        let late = world.read(|c| {
            use schema::reports::dsl::*;
            let times = occurred_at.gt(now).or(received_at.gt(now)).or(first_answer_at.gt(now)).or(resolved_at.gt(now));
            Ok(reports.filter(times).count().get_result::<i64>(c)?)
        });
        assert_eq!(late, 0);
        let events = world.read(|c| {
            use schema::report_events::dsl::*;
            Ok(report_events.order((report_id, id)).select((report_id, at)).load::<(i64, i64)>(c)?)
        });
        for pair in events.windows(2) {
            assert!(pair[0].0 != pair[1].0 || pair[0].1 <= pair[1].1, "{pair:?}");
        }
        assert!(events.iter().all(|(_, at)| *at <= now.micros()));
        let given = world.read(|c| {
            use schema::responses::dsl::*;
            Ok(responses.filter(submitted_at.gt(now)).count().get_result::<i64>(c)?)
        });
        assert_eq!(given, 0);
    }

    /// Loading twice is refused; removing leaves nothing, and loading again works.
    async fn it_is_gone_without_a_trace(world) {
        let before = rows(world);
        load(world, "Asia/Shanghai").await.unwrap();
        let again = load(world, "Asia/Shanghai").await;
        assert!(matches!(again, Err(Error::Conflict { code: "demonstration-here", .. })));
        assert!(demo::remove(&world.store, &Actor::CommandLine).await.unwrap());
        assert_eq!(rows(world), before);
        assert_eq!(verified(world), Vec::<String>::new());
        assert!(!demo::remove(&world.store, &Actor::CommandLine).await.unwrap());
        load(world, "Europe/Berlin").await.unwrap();
        assert_eq!(verified(world), Vec::<String>::new());
    }

    /// A component of the same key that was here before stays, with its name.
    async fn what_was_here_stays(world) {
        let own = world.write(|w| {
            let key = interlude::domain::window::ComponentKey::parse("key", "login")?;
            let name = interlude::domain::language::Texts::single(Language::En, "Front door");
            components::add(w, &Actor::CommandLine, &key, &name, false)
        });
        load(world, "Asia/Shanghai").await.unwrap();
        demo::remove(&world.store, &Actor::CommandLine).await.unwrap();
        let left = world.read(components::list);
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].id, left[0].label(Language::En, Language::En)), (own, "Front door"));
    }

    /// An administrator loads it and takes it away by buttons, the second one confirmed; whatever
    /// was filed under its windows meanwhile goes too.
    async fn it_is_loaded_and_removed_by_buttons(world) {
        let administrator = world.staff(Role::Administrator);
        let before = rows(world);
        let settings = "/admin/settings/demonstration";
        administrator.post_form(settings, &[]).await.goes_to("/admin/settings?done=loaded");
        administrator.post_form(settings, &[]).await.is(303);
        administrator.get("/admin/settings?done=loaded").await.says("demonstration data is loaded");
        world.anyone().get("/").await.is(200).says("Upgrade of the bank payment channels");
        let remove = format!("{settings}/remove");
        administrator.post_form(&remove, &[]).await.is(200).says("6 windows and");
        administrator.post_form(&remove, &[("confirm", "remove")]).await.goes_to("/admin/settings?done=removed");
        assert_eq!(rows(world), before);
        administrator.get("/admin/settings").await.says("Load the demonstration data");
    }

    /// The help page answers from what is announced, and has answers when nothing is.
    async fn help_answers_from_what_is_announced(world) {
        let (en, zh) = (world.anyone(), world.anyone().reading_chinese());
        en.get("/help").await.is(200).says("Nothing is planned at present").says("None has been completed yet");
        load(world, "Asia/Shanghai").await.unwrap();
        en.get("/help").await.is(200).says("there were 4 maintenance windows")
            .says("Upgrade of the bank payment channels").says("Payment data has been backed up")
            .says("Demonstration");
        zh.get("/help").await.is(200).says("过去一年完成了 4 次维护").says("网银支付通道升级").says("演示数据");
    }

    /// The one who sets the server up may ask for the demonstration at once.
    async fn it_comes_with_the_set_up(world) {
        let store = world.store.clone();
        let secret = std::thread::spawn(move || instance::make_setup_secret(&store)).join().unwrap();
        let link = format!("/setup/{}", secret.unwrap().unwrap());
        let fields = [
            ("service_name", "Yunfan Finance"),
            ("default_language", "en"),
            ("time_zone", "Asia/Shanghai"),
            ("name", "li.wei"),
            ("password", "walking home in the rain"),
            ("password_again", "walking home in the rain"),
            ("demonstration", "yes"),
        ];
        world.anyone().post_form(&link, &fields).await.goes_to("/admin/");
        assert!(world.read(demo::is_here));
    }
}
