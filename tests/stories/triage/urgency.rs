//! What is most urgent comes first: by what it stops people from doing, how many they are, what it is
//! about and how long they have waited.

use interlude::jobs;
use interlude::store::schema::reports as rows;
use interlude::store::{reports::weigh, triage_rules};

use super::*;

fn from(phone: &str, component: i64, received_at: Instant) -> Imported {
    let content =
        ReportContent { description: "登录不了".into(), phone: Some(phone.into()), ..Default::default() };
    Imported {
        component: Some(component),
        impact: Impact::Blocked,
        content: Some(content),
        ..report("", received_at)
    }
}

story! {
    /// Many who cannot go on come before one who lost data; the reasons are said in words; somebody
    /// who reports twice is one person; nothing of it counts as a change.
    async fn many_people_come_first(world) {
        let now = Instant::now();
        let login = component(world, "login");
        let mut some: Vec<Imported> = (0..14).map(|i| from(&format!("1380000{i:04}"), login, now.plus_seconds(-30 * i))).collect();
        // The first of them again, three times.
        some.extend((0..3).map(|_| from("138-0000-0000", login, now.plus_seconds(-10))));
        let many = put(world, some);
        let lost = put(world, vec![Imported { impact: Impact::DataLoss, ..report("凭证不见了", now.plus_seconds(-60)) }]);
        let viewer = world.program(Role::Viewer);
        let first = async || found(&viewer, "sort=urgent&limit=200").await[0].clone();
        assert_eq!(first().await, lost[0]);
        jobs::triage::turn(&world.store, now).await.unwrap();
        assert!(many.contains(&first().await));
        let one = viewer.get_json(&format!("/api/v1/reports/{}", many[0])).await;
        assert_eq!(one["urgency_reasons"], json!([{"reason": "impact", "impact": "blocked"}, {"reason": "people", "people": 14, "minutes": 10}]));
        assert_eq!(one["revision"], json!(1));
        let page = world.staff(Role::Viewer).get("/admin/reports").await.is(200).says("Cannot go on · 14 people in 10 minutes · login");
        let text = page.text();
        assert!(text.find(&many[0]) < text.find(&lost[0]));
        world.staff(Role::Viewer).reading_chinese().get("/admin/reports").await.is(200).says("10 分钟内 14 人");
        // An hour and a half later the crowd is gone, but it is still a day's.
        jobs::triage::turn(&world.store, now.plus_seconds(5_400)).await.unwrap();
        let later = viewer.get_json(&format!("/api/v1/reports/{}", many[0])).await;
        assert_eq!(later["urgency_reasons"][1], json!({"reason": "people", "people": 14, "minutes": 1440}));
        assert!(later["urgency"].as_i64() < one["urgency"].as_i64());
        // What is done is not urgent, and is again once it is taken up again.
        let support = world.program(Role::Support);
        let path = format!("/api/v1/reports/{}", many[0]);
        let done = support.patch_json(&path, json!({"status": "resolved"})).await.is(200).json();
        assert_eq!((&done["urgency"], &done["urgency_reasons"]), (&json!(0), &json!([])));
        let again = support.patch_json(&path, json!({"status": "in_progress"})).await.is(200).json();
        assert!(again["urgency"].as_i64().unwrap() > 280);
        counts_hold(world);
    }

    /// Waiting lifts a report by and by; who was answered waits no longer.
    async fn waiting_makes_it_more_urgent(world) {
        let now = Instant::now();
        let all = put(world, vec![report("a", now), report("b", now.plus_seconds(-1))]);
        let urgency = async |which: usize| {
            world.program(Role::Viewer).get_json(&format!("/api/v1/reports/{}", all[which])).await["urgency"].as_i64().unwrap()
        };
        let fresh = urgency(0).await;
        world.program(Role::Support).patch_json(&format!("/api/v1/reports/{}", all[1]), json!({"answer": "请稍等"})).await.is(200);
        world.write(|w| {
            use diesel::prelude::*;
            // Nothing is owed here, so that only waiting counts.
            diesel::update(rows::table).set((rows::answer_due_at.eq(None::<Instant>), rows::resolution_due_at.eq(None::<Instant>))).execute(w.connection)?;
            let mut rules = triage_rules::load(w.connection)?;
            rules.hours = None;
            triage_rules::change(w, &interlude::store::people::Actor::CommandLine, 0, &rules, &[])
        });
        jobs::triage::turn(&world.store, now.plus_hours(3)).await.unwrap();
        assert_eq!(urgency(0).await, fresh + 12);
        assert_eq!(urgency(1).await, fresh);
        jobs::triage::turn(&world.store, now.plus_hours(300)).await.unwrap();
        assert_eq!(urgency(0).await, fresh + 60);
    }

    /// What an administrator says a component and an impact weigh counts from the next turn on.
    async fn weights_can_be_set(world) {
        let now = Instant::now();
        let (login, payments) = (component(world, "login"), component(world, "payments"));
        let about = |component, at| Imported { component: Some(component), ..report("x", at) };
        let all = put(world, vec![about(login, now.plus_seconds(-2)), about(payments, now.plus_seconds(-1))]);
        let viewer = world.program(Role::Viewer);
        let is = async |which: &[usize]| {
            let wanted: Vec<String> = which.iter().map(|i| all[*i].clone()).collect();
            assert_eq!(found(&viewer, "sort=urgent").await, wanted);
        };
        is(&[1, 0]).await;
        let admin = world.staff(Role::Administrator);
        let page = admin.get("/admin/triage").await.is(200).text();
        let mut fields: Vec<(String, String)> = page.split("<input").skip(1).filter_map(|i| {
            let get = |name: &str| i.split(&format!("{name}=\"")).nth(1).map(|v| v.split('"').next().unwrap().to_owned());
            let name = get("name")?;
            let ticked = !i.split('>').next()?.contains("checkbox") || i.split('>').next()?.contains("checked");
            ticked.then(|| (name, get("value").unwrap_or("on".into())))
        }).collect();
        let form = |fields: &[(String, String)]| fields.iter().map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>();
        let send = async |fields: Vec<(String, String)>| {
            let borrowed: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            admin.post_form("/admin/triage", &borrowed).await
        };
        let set = |fields: &mut Vec<(String, String)>, name: &str, value: &str| {
            fields.iter_mut().find(|(n, _)| n == name).unwrap_or_else(|| panic!("no {name}")).1 = value.to_owned();
        };
        let old = form(&fields);
        set(&mut fields, "component.login", "50");
        send(form(&fields)).await.goes_to("/admin/triage?done=saved");
        jobs::triage::turn(&world.store, now).await.unwrap();
        is(&[0, 1]).await;
        viewer.get(&format!("/admin/reports/{}", all[0])).await.is(200).says("Slower or more work · login");
        // Who began earlier is told; what they typed is kept.
        let mut late = old;
        set(&mut late, "weight.blocked", "77");
        send(late).await.is(409).says("A colleague changed the rules").says("value=\"77\"");
        // What is wrong is said at its field.
        let mut bad = form(&fields);
        set(&mut bad, "weight.blocked", "-1");
        set(&mut bad, "resolution.low", "1");
        send(bad).await.shows_form_again("weight.blocked");
        for (name, value) in [("answer.low", "x"), ("soon", "99999999999999999999"), ("component.login", "1001"), ("hours.time_zone", "Mars/Olympus"), ("hours.slots.0.from", "9")] {
            let mut bad = form(&fields);
            set(&mut bad, name, value);
            send(bad).await.shows_form_again(name);
        }
        world.staff(Role::Operator).get("/admin/triage").await.is(403);
        world.staff(Role::Administrator).get("/admin/audit").await.says("Changed the triage rules").says("component.login 50");
    }

    /// Weighing many is done in steps, leaves alone what somebody changed meanwhile, and twice is once.
    async fn weighing_leaves_changes_alone(world) {
        let now = Instant::now();
        let all = put(world, (0..700).map(|i| report("x", now.plus_seconds(-i))).collect());
        let later = now.plus_hours(2);
        let (weighed, more) = world.read(move |c| weigh::look(c, later, 0));
        assert_eq!((weighed.len(), more), (700, None));
        world.program(Role::Support).patch_json(&format!("/api/v1/reports/{}", all[0]), json!({"severity": "critical"})).await.is(200);
        for some in weighed.chunks(500) {
            let some = some.to_vec();
            world.write(move |w| weigh::keep(w, &some));
        }
        let viewer = world.program(Role::Viewer);
        let first = viewer.get_json(&format!("/api/v1/reports/{}", all[0])).await;
        assert!(first["urgency"].as_i64().unwrap() >= 400, "{first}");
        jobs::triage::turn(&world.store, later).await.unwrap();
        let (left, _) = world.read(move |c| weigh::look(c, later, 0));
        assert!(left.is_empty(), "{left:?}");
        counts_hold(world);
    }
}
