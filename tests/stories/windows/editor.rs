//! Writing a window and taking it through the work with forms alone.

use interlude::domain::person::Role;
use interlude::domain::zone::Zone;
use interlude::store::windows;

use super::{component, published, running};
use crate::support::World;

const ONE: &str = "/admin/windows/core-upgrade";

/// A form's fields, owned: more are added as a story goes on.
type Fields = Vec<(String, String)>;

fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    fields.retain(|(n, _)| n != name);
    fields.push((name.to_owned(), value.to_owned()));
    fields
}

fn borrowed(fields: &Fields) -> Vec<(&str, &str)> {
    fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

/// A local time in Shanghai some hours from now, as a browser sends it.
fn local(hours: i64) -> String {
    let zone = Zone::parse("z", "Asia/Shanghai").unwrap();
    zone.form_value(interlude::domain::instant::Instant::now().plus_hours(hours))[..16].to_owned()
}

fn key() -> String {
    interlude::web::page::new_key()
}

fn written() -> Fields {
    [
        ("title.zh-CN", "财务核心升级"),
        ("title.en", "Finance core upgrade"),
        ("body.zh-CN", "更换**数据库**。"),
        ("slug", "core-upgrade"),
        ("time_zone", "Asia/Shanghai"),
        ("follow_up_hours", "48"),
        ("survey.template", "full"),
        ("survey.days", "10"),
        ("start_by_clock", "on"),
        ("components.0.impact", "major_outage"),
        ("components.1.impact", ""),
        ("support.contacts.2.kind", "phone"),
        ("support.contacts.2.label", "值班"),
        ("support.contacts.2.value", "400-820-0000"),
        ("support.hours.slots.3.day.1", "on"),
        ("support.hours.slots.3.from", "09:00"),
        ("support.hours.slots.3.to", "18:00"),
    ]
    .map(|(n, v)| (n.to_owned(), v.to_owned()))
    .into_iter()
    .chain([
        ("idempotency_key".to_owned(), key()),
        ("scheduled_start".to_owned(), local(1)),
        ("scheduled_end".to_owned(), local(9)),
        ("components.0.interruption_end".to_owned(), local(5)),
    ])
    .collect()
}

fn two_components(world: &World) {
    component(world, "login", "登录", "Log-in");
    component(world, "export", "报表导出", "Statements and export");
}

/// The sequence that the page shows to whoever edits.
async fn seen(actor: &crate::support::Actor) -> String {
    let html = actor.get(&format!("{ONE}/edit")).await.is(200).text();
    html.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

story! {
    /// From nothing to a completed window, with forms alone.
    async fn a_window_is_written_and_worked_through(world) {
        let operator = world.staff(Role::Operator);
        operator.get("/admin/windows").await.is(200).says("No windows yet");
        operator.get("/admin/windows/new").await.is(200).says("Add functions first");
        for (zh, en, tag) in [("登录", "Log-in", ""), ("报表导出", "", "export")] {
            let key = key();
            let form = [("name.zh-CN", zh), ("name.en", en), ("key", tag), ("idempotency_key", key.as_str())];
            operator.post_form("/admin/components", &form).await.goes_to("/admin/components?done=added");
        }
        operator.get("/admin/components").await.is(200).says("log-in").says("报表导出");
        let form = written();
        operator.post_form("/admin/windows/new", &borrowed(&form)).await.goes_to("/admin/windows/core-upgrade?done=created");
        // The same form again is the same window.
        operator.post_form("/admin/windows/new", &borrowed(&form)).await.goes_to("/admin/windows/core-upgrade?done=created");
        operator.get("/admin/windows").await.is(200).says("Draft").says("Finance core upgrade");
        operator.get(&format!("{ONE}/preview")).await.is(200).says("Preview: not published").says("400-820-0000")
            .says("Log-in").lacks("Statements and export");
        world.anyone().get("/windows/core-upgrade").await.is(404);

        operator.post_form(ONE, &[("act", "publish")]).await.goes_to("/admin/windows/core-upgrade?done=published");
        world.anyone().get("/windows/core-upgrade").await.is(200).says("Finance core upgrade");
        operator.post_form(ONE, &[("act", "start")]).await.goes_to("/admin/windows/core-upgrade?done=started");
        let key = key();
        let update = [("act", "update"), ("stage", "planning"), ("body.zh-CN", "方案已定"), ("body.en", "A plan"), ("idempotency_key", key.as_str())];
        operator.post_form(ONE, &update).await.goes_to("/admin/windows/core-upgrade?done=updated");
        operator.post_form(ONE, &update).await.goes_to("/admin/windows/core-upgrade?done=updated");
        let window = world.read(|c| windows::by_slug(c, "core-upgrade"));
        assert_eq!(window.updates.len(), 2, "sent twice, posted once");
        assert_eq!((window.follow_up_hours, window.survey_days), (48, 10));
        operator.post_form(ONE, &[("act", "verify")]).await.is(303);
        operator.post_form(ONE, &[("act", "complete")]).await.shows_form_again("tested").says("log-in");
        operator.post_form(ONE, &[("act", "complete"), ("tested", "log-in")]).await
            .goes_to("/admin/windows/core-upgrade?done=completed");
        world.anyone().get("/windows/core-upgrade").await.is(200).says("Completed");
    }

    /// What is wrong is said at its field, and everything typed is kept.
    async fn typing_errors_keep_what_was_typed(world) {
        two_components(world);
        let operator = world.staff(Role::Operator);
        let send = |fields: Fields| {
            let operator = &operator;
            async move { operator.post_form("/admin/windows/new", &borrowed(&fields)).await }
        };
        let month = |day: &str| with(with(written(), "time_zone", "Europe/Berlin"), "scheduled_start", day);
        for (form, field, said) in [
            (with(written(), "title.zh-CN", ""), "title.zh-CN", "Please fill this in"),
            (with(written(), "title.en", "a\u{1}b"), "title.en", "control character"),
            (with(written(), "body.en", &"登".repeat(20_001)), "body.en", "At most 20000"),
            (with(written(), "scheduled_start", "2027-02-30T10:00"), "scheduled_start", "no 2027-02-30"),
            (with(written(), "scheduled_end", &local(0)), "scheduled_end", "after the start"),
            (with(written(), "scheduled_end", ""), "scheduled_end", "Please fill this in"),
            (with(written(), "scheduled_end", "275760-09-13T00:00"), "scheduled_end", "1970"),
            (with(written(), "time_zone", "Mars/Olympus"), "time_zone", "Mars/Olympus"),
            (with(written(), "follow_up_hours", "many"), "follow_up_hours", "whole number"),
            (with(written(), "survey.days", "0"), "survey.days", "1 to 365"),
            (with(written(), "components.0.interruption_end", &local(10)), "components.0.interruption_end", "within"),
            (with(written(), "components.1.impact", "bad"), "components.1.impact", "not known"),
            (with(written(), "support.contacts.2.value", "call us"), "support.contacts.2.value", "phone"),
            (with(written(), "support.hours.slots.3.to", "25:00"), "support.hours.slots.3.to", "09:00"),
            (with(written(), "slug", "Not A Slug"), "slug", "lower-case"),
            (with(written(), "slug", "new"), "slug", "another"),
            (month("2027-03-28T02:30"), "scheduled_start", "does not exist"),
        ] {
            let reply = send(form).await.shows_form_again(field).says(said).says("更换**数据库**。");
            // One of the cases types something else in its place.
            let number = if field == "support.contacts.2.value" { "call us" } else { "400-820-0000" };
            assert!(reply.text().contains(number), "{field}");
            assert!(reply.text().contains("error-summary"), "{field}");
        }
        assert!(world.read(|c| windows::list(c, &[], None, None, 10)).is_empty());

        // A time that occurs twice is asked back, and the answer is taken.
        let twice = with(with(with(month("2027-10-31T02:30"), "scheduled_end", "2027-10-31T06:00"), "components.0.interruption_end", ""), "finish_before", "");
        let asked = send(twice.clone()).await.shows_form_again("scheduled_start").says("occurs twice");
        assert!(asked.text().contains("name=\"scheduled_start_fold\""));
        send(with(twice, "scheduled_start_fold", "later")).await.is(303);
        let window = world.read(|c| windows::by_slug(c, "core-upgrade"));
        assert_eq!(window.schedule.start.rfc3339(), "2027-10-31T01:30:00.000Z");
        // The form shows it again as it was meant.
        let html = operator.get(&format!("{ONE}/edit")).await.is(200).text();
        assert!(html.contains("<option value=\"later\" selected>"));
    }

    /// What the form shows is what the window says: saving it unchanged changes nothing.
    async fn saving_unchanged_changes_nothing(world) {
        two_components(world);
        let operator = world.staff(Role::Operator);
        let form = with(with(written(), "finish_before", &local(0)), "backup_finished_at", &local(-1));
        operator.post_form("/admin/windows/new", &borrowed(&form)).await.is(303);
        let before = world.read(|c| windows::by_slug(c, "core-upgrade")).draft().unwrap();
        let html = operator.get(&format!("{ONE}/edit")).await.is(200).text();
        let again = fields_of(&html);
        operator.post_form(&format!("{ONE}/edit"), &borrowed(&again)).await.goes_to("/admin/windows/core-upgrade?done=edited");
        let after = world.read(|c| windows::by_slug(c, "core-upgrade")).draft().unwrap();
        assert_eq!(before, after);
    }

    /// Two people who edit at once: the second is told, keeps what was typed, and may insist.
    async fn stale_edits_are_told(world) {
        two_components(world);
        let (one, two) = (world.staff(Role::Operator), world.staff(Role::Operator));
        one.post_form("/admin/windows/new", &borrowed(&written())).await.is(303);
        let old = seen(&two).await;
        let first = with(with(written(), "seen", &old), "title.en", "From one");
        one.post_form(&format!("{ONE}/edit"), &borrowed(&first)).await.is(303);
        let second = with(with(written(), "seen", &old), "title.en", "From two");
        let told = two.post_form(&format!("{ONE}/edit"), &borrowed(&second)).await.is(422).says("Somebody changed").says("From two");
        let fresh = told.text().split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        two.post_form(&format!("{ONE}/edit"), &borrowed(&with(second, "seen", &fresh))).await.is(303);
        one.get(ONE).await.is(200).says("From two");
    }

    /// Moving and cancelling need care: times are checked, cancelling is typed out.
    async fn moving_and_cancelling(world) {
        published(world, 2, 10).await;
        let operator = world.staff(Role::Operator);
        let seen = seen(&operator).await;
        let (start, end) = (local(30), local(36));
        let form = [("act", "move"), ("seen", seen.as_str()), ("time_zone", "Asia/Shanghai"), ("scheduled_start", end.as_str()), ("scheduled_end", start.as_str())];
        operator.post_form(ONE, &form).await.shows_form_again("scheduled_end");
        let form = [("act", "move"), ("seen", seen.as_str()), ("time_zone", "Asia/Shanghai"), ("scheduled_start", start.as_str()), ("scheduled_end", end.as_str())];
        operator.post_form(ONE, &form).await.goes_to("/admin/windows/core-upgrade?done=moved");
        operator.post_form(ONE, &form).await.is(412);
        assert_eq!(world.read(|c| windows::by_slug(c, "core-upgrade")).moves.len(), 1);
        operator.post_form(ONE, &[("act", "cancel"), ("confirm", "yes")]).await.shows_form_again("confirm");
        operator.post_form(ONE, &[("act", "cancel"), ("confirm", "core-upgrade")]).await.is(303);
        operator.post_form(ONE, &[("act", "start")]).await.is(409);
        operator.post_form(ONE, &[("act", "dance")]).await.is(422);
        operator.post_form(ONE, &[("act", "remove"), ("confirm", "core-upgrade")]).await.is(409);
        world.anyone().get("/windows/core-upgrade").await.is(200).says("Cancelled").says("Originally");
    }

    /// Viewers see, and are offered nothing that they may not do.
    async fn viewers_only_look(world) {
        running(world).await;
        let viewer = world.staff(Role::Support);
        viewer.get("/admin/windows").await.is(200).lacks("/admin/windows/new");
        viewer.get(ONE).await.is(200).says("In progress").lacks("name=\"act\"");
        viewer.post_form(ONE, &[("act", "verify")]).await.is(403);
        viewer.get(&format!("{ONE}/edit")).await.is(403);
        viewer.get("/admin/components").await.is(403);
    }

    /// Components are added, renamed, retired; one that is retired stays where it is.
    async fn components_come_and_go(world) {
        published(world, 1, 9).await;
        let operator = world.staff(Role::Operator);
        let key = key();
        let taken = [("name.zh-CN", "登录"), ("key", "login"), ("idempotency_key", key.as_str())];
        operator.post_form("/admin/components", &taken).await.shows_form_again("key").says("登录");
        let unnamed = [("name.zh-CN", ""), ("key", "x"), ("idempotency_key", key.as_str())];
        operator.post_form("/admin/components", &unnamed).await.shows_form_again("name.zh-CN");
        let renamed = [("act", "rename"), ("name.zh-CN", "登录入口"), ("name.en", "Signing in")];
        operator.post_form("/admin/components/login", &renamed).await.is(303);
        world.anyone().get("/windows/core-upgrade").await.is(200).says("Signing in");
        operator.post_form("/admin/components/login", &[("act", "retire")]).await.is(303);
        operator.get("/admin/windows/new").await.is(200).lacks("Signing in");
        operator.get(&format!("{ONE}/edit")).await.is(200).says("Signing in");
        operator.get("/admin/components/none").await.is(404);
    }
}

/// The fields of the first big form of a page, as a browser would send them untouched.
fn fields_of(html: &str) -> Fields {
    let text = |s: &str| {
        s.replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
            .replace("&amp;", "&")
    };
    let form =
        html.split("<form class=\"form\" method=\"post\">").nth(1).unwrap().split("</form>").next().unwrap();
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!(" {name}=\"")).nth(1).map(|rest| text(rest.split('"').next().unwrap()))
    };
    let mut fields = Fields::new();
    for piece in form.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap();
        let name = attribute(&format!(" {tag}"), "name");
        match (tag.split_whitespace().next().unwrap(), name) {
            ("input", Some(name)) => {
                let checkbox = tag.contains("type=\"checkbox\"");
                if !checkbox || tag.contains(" checked") {
                    let value = attribute(tag, "value").unwrap_or_else(|| "on".to_owned());
                    fields.push((name, value));
                }
            }
            ("textarea", Some(name)) => {
                fields.push((name, text(rest.strip_prefix('\n').unwrap_or(rest))));
            }
            ("select", Some(name)) => fields.push((name, String::new())),
            ("option", _) if tag.contains(" selected") => {
                fields.last_mut().unwrap().1 = attribute(tag, "value").unwrap();
            }
            _ => {}
        }
    }
    fields
}
