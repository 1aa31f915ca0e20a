//! Acts on many reports: looked at before, done once to each, followed, taken back.

use interlude::store::reports::bulk;

use super::*;

/// A report as the queue's boxes send it, as it is now.
async fn ticked(actor: &Actor, reference: &str) -> String {
    let revision = actor.get_json(&format!("/api/v1/reports/{reference}")).await["revision"].clone();
    format!("{reference}.{revision}")
}

/// Asks for an act and gives the address of its page.
async fn asked(actor: &Actor, form: &[(&str, &str)]) -> String {
    let reply = actor.post_form("/admin/bulk", form).await.is(303);
    assert!(reply.location().starts_with("/admin/bulk/"), "{}", reply.location());
    reply.location().to_owned()
}

/// Ends all work that is due.
fn work(world: &World) {
    while let Some(job) = world.read(|c| jobs::due(c, Instant::now())).into_iter().next() {
        world.write(move |w| bulk::work(w, &job));
    }
}

story! {
    /// A selection is shown before anything happens; what a colleague changed meanwhile is left alone
    /// and named; all of it can be taken back, also to new.
    async fn a_selection_is_changed_and_taken_back(world) {
        let t = at("2026-11-21T16:00:00Z");
        let all = put(world, (0..4).map(|i| report("x", t.plus_seconds(i))).collect());
        let (staff, program) = (world.staff(Role::Support), world.program(Role::Support));
        let mut form = vec![("scope", "selected"), ("status", "in_progress"), ("severity", "high"), ("assignee", "support-1"), ("note", "先一起看"), ("query", "window=-")];
        let ticks = [ticked(&program, &all[0]).await, ticked(&program, &all[1]).await, ticked(&program, &all[2]).await];
        form.extend(ticks.iter().map(|t| ("report", t.as_str())));
        let page = asked(&staff, &form).await;
        staff.get(&page).await.is(200).says("Change 3 reports?").says("Status becomes “In progress”.").says(&all[0]).says("先一起看").says("can be taken back");
        assert_eq!(program.get_json(&format!("/api/v1/reports/{}", all[0])).await["status"], json!("new"));
        program.patch_json(&format!("/api/v1/reports/{}", all[1]), json!({"severity": "low"})).await.is(200);
        // Nobody else confirms it, and twice is once.
        world.staff(Role::Support).post_form(&page, &[("act", "confirm")]).await.is(409).says("Somebody else asked");
        staff.post_form(&page, &[("act", "confirm")]).await.goes_to(&page);
        staff.post_form(&page, &[("act", "confirm")]).await.goes_to(&page);
        staff.get(&page).await.is(200).says("3 reports are done").says("Conflicts · 1").says(&all[1]).says("Changed · 2");
        let one = program.get_json(&format!("/api/v1/reports/{}", all[0])).await;
        assert_eq!((&one["status"], &one["severity"], &one["assignee"], &one["revision"]), (&json!("in_progress"), &json!("high"), &json!("support-1"), &json!(2)));
        assert_eq!(program.get_json(&format!("/api/v1/reports/{}", all[1])).await["status"], json!("new"));
        // One of the two is changed again before it is taken back.
        program.patch_json(&format!("/api/v1/reports/{}", all[2]), json!({"status": "waiting"})).await.is(200);
        let undone = staff.post_form(&page, &[("act", "undo")]).await.is(303).location().to_owned();
        staff.get(&undone).await.is(200).says("Changed · 1").says("Conflicts · 1").says(&all[2]);
        let back = program.get_json(&format!("/api/v1/reports/{}", all[0])).await;
        assert_eq!((&back["status"], &back["severity"], &back["assignee"]), (&json!("new"), &json!(null), &json!(null)));
        staff.post_form(&page, &[("act", "undo")]).await.is(409).says("taken back already");
        staff.get("/admin/bulk").await.is(200).says("taken back").says("support-1");
        world.staff(Role::Administrator).get("/admin/audit").await.says("Changed several reports at once");
        world.staff(Role::Viewer).post_form("/admin/bulk", &form).await.is(403);
        counts_hold(world);
    }

    /// What was looked for may be a telephone number: viewers do not see it. And what one program asked for
    /// another one does not confirm.
    async fn an_act_tells_viewers_no_words_and_obeys_its_author_alone(world) {
        let one = put(world, vec![report("x", at("2026-11-21T16:00:00Z"))]).remove(0);
        let (staff, program) = (world.staff(Role::Support), world.program(Role::Support));
        let tick = ticked(&program, &one).await;
        let form = [("report", tick.as_str()), ("query", "q=13800138000&status=new"), ("severity", "low")];
        let page = asked(&staff, &form).await;
        staff.get(&page).await.is(200).says("q=13800138000");
        world.staff(Role::Viewer).get(&page).await.is(200).says("status=new").lacks("13800138000");
        let page = asked(&program, &form).await;
        let token = world.write(|w| {
            let actor = interlude::store::people::Actor::CommandLine;
            interlude::store::people::create_token(w, &actor, "another program", Role::Support, None)
        });
        let other = world.anyone().with_token(&token);
        other.post_form(&page, &[("act", "confirm")]).await.is(409);
        program.post_form(&page, &[("act", "confirm")]).await.is(303);
    }

    /// Everything that a filter finds, more than one step takes: a job that is killed between its
    /// steps or runs twice changes each report once.
    async fn a_whole_filter_is_changed_by_a_job(world) {
        let t = at("2026-11-21T16:00:00Z");
        let mut some: Vec<Imported> = (0..1_150).map(|i| report("x", t.plus_seconds(i))).collect();
        some.push(Imported { status: Status::Closed, ..report("closed", t) });
        let all = put(world, some);
        let staff = world.staff(Role::Support);
        let page = asked(&staff, &[("scope", "all"), ("query", "impact=slowed&sort=newest"), ("status", "waiting")]).await;
        staff.get(&page).await.is(200).says("Change 1151 reports?").says("The first 10 of 1,151");
        staff.post_form(&page, &[("act", "confirm")]).await.is(303);
        staff.get(&page).await.is(200).says("are being changed").says("500 / 1151").says("You can leave this page");
        // Somebody changes one that its turn has not come for yet, and one that comes in later is none of it.
        world.program(Role::Support).patch_json(&format!("/api/v1/reports/{}", all[3]), json!({"note": "先别动"})).await.is(200);
        put(world, vec![report("late", t.plus_hours(9))]);
        let job = world.read(|c| jobs::due(c, Instant::now())).remove(0);
        let first = job.clone();
        world.write(move |w| bulk::work(w, &first));
        let twice = {
            let store = world.store.clone();
            std::thread::spawn(move || store.write_here(move |w| bulk::work(w, &job))).join().unwrap()
        };
        assert!(matches!(twice, Err(interlude::store::Error::Stale)), "{twice:?}");
        work(world);
        staff.get(&page).await.is(200).says("1151 reports are done").says("Changed · 1149").says("Conflicts · 1").says("Not possible · 1").says(&all[3]).says(&all[1_150]);
        let viewer = world.program(Role::Viewer);
        assert_eq!(found(&viewer, "status=waiting&limit=200").await.len(), 1_149);
        let moved: i64 = world.read(|c| Ok(report_events::table.filter(report_events::kind.eq("status")).count().get_result(c)?));
        assert_eq!(moved, 1_149);
        let undone = staff.post_form(&page, &[("act", "undo")]).await.is(303).location().to_owned();
        work(world);
        staff.get(&undone).await.is(200).says("Changed · 1149");
        assert_eq!(found(&viewer, "status=new&limit=200").await.len(), 1_151);
        counts_hold(world);
    }

    /// One answer reaches everybody in the language that they read, after the number was typed.
    async fn many_are_answered_in_their_language(world) {
        let (reference, link) = send(world, "登录不了");
        let t = at("2026-11-21T16:00:00Z");
        let english = put(world, vec![Imported { language: Language::En, ..report("cannot log in", t) }]).remove(0);
        let staff = world.staff(Role::Support);
        let page = staff.get("/admin/answers").await.is(200).text();
        let key = hidden(&page, "idempotency_key");
        let canned = [("idempotency_key", key.as_str()), ("title.zh-CN", "登录已恢复"), ("title.en", "Log-in works"), ("body.zh-CN", "登录已恢复，请再试一次。"), ("body.en", "Logging in works again.")];
        staff.post_form("/admin/answers", &canned).await.goes_to("/admin/answers?done=added");
        let form = [("scope", "all"), ("query", ""), ("status", "resolved"), ("canned", "1")];
        let page = asked(&staff, &form).await;
        staff.get(&page).await.is(200).says("登录已恢复，请再试一次。").says("Logging in works again.").says("Type 2 to confirm");
        staff.post_form(&page, &[("act", "confirm"), ("confirm", "3")]).await.shows_form_again("confirm");
        staff.post_form(&page, &[("act", "confirm"), ("confirm", "2")]).await.is(303);
        world.anyone().get(&format!("/receipts/{link}")).await.is(200).says("登录已恢复，请再试一次。").lacks("Logging in works");
        let seen = world.program(Role::Viewer).get_json(&format!("/api/v1/reports/{english}")).await;
        let answer = seen["history"].as_array().unwrap().iter().find(|e| e["kind"] == "answer").unwrap();
        assert_eq!(answer["content"], json!("Logging in works again."));
        // Taking it back does not unsay it.
        let undone = staff.post_form(&page, &[("act", "undo")]).await.is(303).location().to_owned();
        staff.get(&undone).await.is(200).says("Changed · 2");
        let one = world.program(Role::Viewer).get_json(&format!("/api/v1/reports/{reference}")).await;
        assert_eq!(one["status"], json!("new"));
        assert!(one["first_answer_at"].is_string());
        counts_hold(world);
    }

    /// What is asked for wrongly is said at its field, with what was typed; nonsense is no failure.
    async fn bad_asks_are_refused(world) {
        let one = put(world, vec![report("x", at("2026-11-21T16:00:00Z"))]).remove(0);
        let staff = world.staff(Role::Support);
        let tick = format!("{one}.1");
        let ask = async |form: &[(&str, &str)]| staff.post_form("/admin/bulk", &[&[("report", tick.as_str())], form].concat()).await;
        ask(&[]).await.shows_form_again("act");
        ask(&[("note", "仅备注"), ("assignee", "nobody")]).await.shows_form_again("assignee").says("仅备注");
        ask(&[("status", "new-ish")]).await.shows_form_again("status");
        ask(&[("severity", "x")]).await.shows_form_again("severity");
        ask(&[("status", "duplicate")]).await.shows_form_again("duplicate_of");
        ask(&[("duplicate_of", "?")]).await.shows_form_again("duplicate_of");
        ask(&[("canned", "77")]).await.shows_form_again("canned");
        ask(&[("canned", "1"), ("answer", "x")]).await.shows_form_again("answer");
        ask(&[("note", "\u{0}")]).await.shows_form_again("note");
        staff.post_form("/admin/bulk", &[("scope", "selected"), ("status", "closed"), ("report", "nonsense.1"), ("report", "R-.x")]).await.shows_form_again("reports");
        staff.post_form("/admin/bulk", &[("scope", "all"), ("query", "window=gone"), ("status", "closed")]).await.is(422);
        staff.post_form("/admin/bulk", &[("scope", "all"), ("query", "status=x&sort=y"), ("status", "closed")]).await.is(422);
        staff.get("/admin/bulk/99").await.is(404);
        staff.post_form("/admin/bulk/99", &[("act", "confirm")]).await.is(404);
        staff.get("/admin/bulk/x").await.is(404);
        // What was never confirmed is forgotten after a day, what was done after a month.
        let page = asked(&staff, &[("report", tick.as_str()), ("status", "closed")]).await;
        world.write(|w| {
            use interlude::store::schema::bulk_acts;
            diesel::update(bulk_acts::table).set(bulk_acts::created_at.eq(w.now.plus_hours(-25))).execute(w.connection)?;
            bulk::forget_old(w)
        });
        staff.get(&page).await.is(404);
    }
}
