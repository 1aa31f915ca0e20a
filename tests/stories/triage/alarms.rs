//! Alarms: raised once when a function that nobody announced is reported more than is usual.

use interlude::domain::alarm::AlarmState;
use interlude::jobs;
use interlude::store::alarms;
use interlude::store::people::Actor as StoreActor;
use interlude::store::schema::window_components;

use super::*;

fn burst(component: i64, window: Option<(i64, ReportStage)>, now: Instant, n: i64) -> Vec<Imported> {
    let belongs = Belongs::Said { window: window.map(|w| w.0), stage: window.map(|w| w.1) };
    (0..n)
        .map(|i| Imported {
            belongs,
            component: Some(component),
            ..report("打不开", now.plus_seconds(-20 * i))
        })
        .collect()
}

fn running(world: &World, announces: i64) -> i64 {
    let id = window(world, "night", Instant::now().plus_hours(-1));
    world.write(move |w| {
        diesel::update(windows::table.find(id))
            .set((windows::state.eq("in_progress"), windows::started_at.eq(w.now.plus_hours(-1))))
            .execute(w.connection)?;
        diesel::insert_into(window_components::table)
            .values((
                window_components::window_id.eq(id),
                window_components::component_id.eq(announces),
                window_components::position.eq(1),
                window_components::impact.eq("maintenance"),
            ))
            .execute(w.connection)?;
        Ok(id)
    })
}

story! {
    /// What the notice announced is no alarm, however many report it; what it did not is, once, however
    /// many servers look, until somebody decides; and an update is written already.
    async fn unannounced_functions_raise_an_alarm_once(world) {
        let now = Instant::now();
        let (login, payments) = (component(world, "login"), component(world, "payments"));
        let night = running(world, login);
        put(world, burst(login, Some((night, ReportStage::Implementation)), now, 30));
        jobs::triage::turn(&world.store, now).await.unwrap();
        let viewer = world.program(Role::Viewer);
        assert_eq!(viewer.get_json("/api/v1/alarms").await, json!({"items": [], "next_cursor": null}));
        put(world, burst(payments, Some((night, ReportStage::Implementation)), now, 5));
        let (one, two) = futures_util::future::join(jobs::triage::turn(&world.store, now), jobs::triage::turn(&world.store, now)).await;
        one.unwrap();
        two.unwrap();
        jobs::triage::turn(&world.store, now.plus_seconds(20)).await.unwrap();
        let listed = viewer.get_json("/api/v1/alarms").await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
        let alarm = &listed["items"][0];
        assert_eq!((&alarm["component"], &alarm["window"], &alarm["kind"], &alarm["state"], &alarm["people"]), (&json!("payments"), &json!("night"), &json!("unannounced"), &json!("raised"), &json!(5)));
        assert!(alarm["chance"].as_f64().unwrap() < 1e-6);
        let operator = world.staff(Role::Operator);
        for page in ["/admin/", "/admin/reports"] {
            operator.get(page).await.is(200).says("payments: reported by 5 people").says("does not announce it").says("/admin/windows/night?alarm=1#update");
        }
        world.staff(Role::Support).get("/admin/").await.is(200).says("payments: reported by 5 people").lacks("?alarm=1").says("/admin/alarms/1");
        world.staff(Role::Viewer).get("/admin/").await.is(200).says("payments: reported by 5 people").lacks("/admin/alarms/1");
        operator.get("/admin/windows/night?alarm=1").await.is(200).says("We are seeing more reports than usual about payments").says("我们发现");
        operator.get("/admin/windows/night?alarm=99").await.is(200).lacks("more reports than usual");
        // Every other page tells those who decide that something waits, a moment later at most.
        let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while !operator.get("/admin/windows").await.text().contains("One alarm waits for somebody to decide") {
            assert!(std::time::Instant::now() < until, "no page tells of it");
            actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        world.staff(Role::Support).get("/admin/bulk").await.is(200).says("One alarm waits");
        world.staff(Role::Viewer).get("/admin/windows").await.is(200).lacks("One alarm waits");
        for page in ["/admin/", "/admin/reports", "/admin/alarms", "/"] {
            operator.get(page).await.is(200).lacks("One alarm waits");
        }
        // The later of two is shown who was faster.
        let (a, b) = (world.staff(Role::Support), world.staff(Role::Support));
        a.post_form("/admin/alarms/1", &[("act", "acknowledge"), ("back", "overview")]).await.goes_to("/admin/");
        a.post_form("/admin/alarms/1", &[("act", "acknowledge"), ("back", "overview")]).await.goes_to("/admin/");
        b.post_form("/admin/alarms/1", &[("act", "dismiss")]).await.is(409).says("has decided about this alarm already");
        b.post_form("/admin/alarms/1", &[("act", "explode")]).await.is(422);
        b.post_form("/admin/alarms/7", &[("act", "dismiss")]).await.is(404);
        operator.get("/admin/").await.is(200).says("sees to it since");
        operator.get("/admin/windows").await.is(200).lacks("One alarm waits");
        operator.get("/admin/alarms").await.is(200).says("Seen to");
        let program = world.program(Role::Support);
        program.patch_json("/api/v1/alarms/1", json!({"state": "dismissed"})).await.shows_problem(409, "");
        program.patch_json("/api/v1/alarms/1", json!({"state": "raised"})).await.shows_problem(422, "state");
        // Quiet for an hour after somebody decided: over. A new burst is a new alarm.
        jobs::triage::turn(&world.store, now.plus_hours(2)).await.unwrap();
        assert_eq!(viewer.get_json("/api/v1/alarms").await, json!({"items": [], "next_cursor": null}));
        counts_hold(world);
    }

    /// After the end and outside of every window three people within a quarter of an hour are enough
    /// where nothing is usual, two are not; one person is one however often they write; and what is
    /// usual is no alarm.
    async fn what_is_usual_is_no_alarm(world) {
        let now = Instant::now();
        let (login, search) = (component(world, "login"), component(world, "search"));
        world.write(move |w| {
            diesel::update(components::table).set(components::created_at.eq(now.plus_hours(-24 * 60))).execute(w.connection)?;
            Ok(())
        });
        let mut some = burst(login, None, now, 2);
        let content = ReportContent { description: "又不行".into(), phone: Some("13800001234".into()), ..Default::default() };
        // Of a function that is new nothing is known: it takes one more.
        some.extend(burst(component(world, "new"), None, now, 3));
        some.extend((0..9).map(|i| Imported { content: Some(content.clone()), ..burst(search, None, now.plus_seconds(-i), 1).remove(0) }));
        // Of files nothing is said: it happened elsewhere.
        some.extend(burst(login, None, now, 9).into_iter().map(|r| Imported { source: Source::Import, ..r }));
        put(world, some);
        jobs::triage::turn(&world.store, now).await.unwrap();
        let open = || world.read(alarms::open);
        assert!(open().is_empty(), "{:?}", open());
        put(world, burst(login, None, now, 1));
        jobs::triage::turn(&world.store, now).await.unwrap();
        let raised = open();
        assert_eq!((raised.len(), raised[0].people, raised[0].state), (1, 3, AlarmState::Raised));
        world.staff(Role::Viewer).get("/admin/").await.is(200).says("No window is under way.").lacks("/admin/windows/new?alarm=");
        // Nobody has announced anything: a notice is written already, for somebody who may publish it.
        let operator = world.staff(Role::Operator);
        operator.get("/admin/").await.is(200).says("/admin/windows/new?alarm=1");
        operator.get("/admin/windows/new?alarm=1").await.is(200)
            .says("Trouble with login").says("login异常").says("We are seeing more reports than usual about login")
            .says("value=\"degraded\" selected");
        operator.get("/admin/windows/new?alarm=99").await.is(200).lacks("Trouble with");
        world.write(|w| alarms::decide(w, &StoreActor::CommandLine, 1, AlarmState::Dismissed));
        // A month in which ten people an hour report it: three more are nothing.
        let busy = component(world, "busy");
        let history: Vec<Imported> = (1..3_000).map(|i| Imported { component: Some(busy), ..report("慢", now.plus_seconds(-720 * i)) }).collect();
        put(world, history);
        put(world, burst(busy, None, now, 6));
        jobs::triage::turn(&world.store, now).await.unwrap();
        assert_eq!(open().iter().filter(|a| a.state == AlarmState::Raised).count(), 0);
        put(world, burst(busy, None, now, 12));
        jobs::triage::turn(&world.store, now).await.unwrap();
        assert_eq!(open().iter().filter(|a| a.state == AlarmState::Raised).count(), 1);
        counts_hold(world);
    }
}
