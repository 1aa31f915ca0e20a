//! People, their log-ins and roles, tokens for programs, settings, and what is kept about all of it.

use diesel::prelude::*;
use interlude::domain::person::Role;
use interlude::store::instance;
use interlude::store::people::{self, Actor as StoreActor};
use interlude::store::schema::tokens;

use crate::support::{Actor, World};

const KEY: &str = "a-key-of-22-characters-x";
const PASSWORD: &str = "walking home in the rain";

async fn add(by: &Actor, key: &str, name: &str, role: &str, password: &str) -> crate::support::Reply {
    let fields = [
        ("idempotency_key", key),
        ("name", name),
        ("role", role),
        ("password", password),
        ("password_again", password),
    ];
    by.post_form("/admin/people", &fields).await
}

async fn log_in(world: &World, name: &str, password: &str) -> (Actor, crate::support::Reply) {
    let browser = world.anyone();
    let reply = browser.post_form("/login", &[("name", name), ("password", password)]).await;
    (browser, reply)
}

story! {
    /// The set-up link makes the first administrator, logs them in, and then is worth nothing.
    async fn the_first_administrator_is_set_up_once(world) {
        let store = world.store.clone();
        let secret = std::thread::spawn(move || instance::make_setup_secret(&store)).join().unwrap();
        let link = format!("/setup/{}", secret.unwrap().unwrap());
        let browser = world.anyone();
        browser.get("/setup/another-secret").await.is(404);
        browser.get(&link).await.is(200);
        let mut fields = vec![
            ("service_name", "Yunfan Finance"),
            ("default_language", "en"),
            ("time_zone", "Nowhere/Nothing"),
            ("name", "Li.Wei"),
            ("password", PASSWORD),
            ("password_again", "something else"),
        ];
        let again = browser.post_form(&link, &fields).await.shows_form_again("time_zone");
        again.shows_form_again("password_again").says("Yunfan Finance").lacks(PASSWORD);
        fields[2].1 = "Europe/Berlin";
        fields[5].1 = PASSWORD;
        browser.post_form(&link, &fields).await.goes_to("/admin/");
        browser.get("/admin/people").await.is(200).says("li.wei").says("Yunfan Finance");
        browser.get("/admin/settings").await.is(200).says("Europe/Berlin");
        world.anyone().get(&link).await.is(404);
        world.anyone().post_form(&link, &fields).await.is(404);
    }

    /// A token works until its moment has come, and opens nothing from then on.
    async fn a_token_that_has_expired_opens_nothing(world) {
        let token = world.write(|w| {
            let end = Some(w.now.plus_hours(1));
            people::create_token(w, &StoreActor::CommandLine, "for an hour", Role::Viewer, end)
        });
        let program = world.anyone().with_token(&token);
        program.get("/api/v1/reports").await.is(200);
        program.get("/admin/reports").await.is(200);
        world.write(|w| {
            let now = w.now;
            Ok(diesel::update(tokens::table).set(tokens::expires_at.eq(now)).execute(w.connection)?)
        });
        program.get("/api/v1/reports").await.shows_problem(401, "");
        program.get("/api/v1/exports/reports.csv").await.shows_problem(401, "");
        program.get("/admin/reports").await.is(303);
    }

    /// An administrator adds somebody, who logs in by any spelling of the name and goes on to where
    /// they wanted.
    async fn somebody_new_logs_in(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, KEY, "Zhang.Min", "support", PASSWORD).await.goes_to("/admin/people?done=added");
        // Sent twice by an impatient finger.
        add(&administrator, KEY, "Zhang.Min", "support", PASSWORD).await.goes_to("/admin/people?done=added");
        administrator.get("/admin/people?done=added").await.is(200).says("zhang.min").says("2 people");
        let browser = world.anyone();
        let fields = [("name", " ZHANG.min "), ("password", PASSWORD), ("next", "/admin/account?x=1")];
        browser.post_form("/login", &fields).await.goes_to("/admin/account?x=1");
        browser.get("/admin/account").await.is(200).says("zhang.min").says("Support");
        let fields = [("name", "zhang.min"), ("password", PASSWORD), ("next", "https://elsewhere.example/")];
        world.anyone().post_form("/login", &fields).await.goes_to("/admin/");
        browser.post_form("/logout", &[]).await.goes_to("/");
        assert_eq!(browser.get("/admin/account").await.status, 303);
    }

    /// A wrong password and an unknown name are told in the same words, and say nothing more.
    async fn wrong_passwords_tell_nothing(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, KEY, "zhang.min", "viewer", PASSWORD).await.is(303);
        let (_, wrong) = log_in(world, "zhang.min", "not the password").await;
        let (_, unknown) = log_in(world, "nobody.here", "not the password").await;
        let (wrong, unknown) = (wrong.shows_form_again("name"), unknown.shows_form_again("name"));
        assert_eq!(wrong.visible(), unknown.visible());
        wrong.lacks("not the password");
    }

    /// What is typed wrongly is kept and marked.
    async fn people_typed_wrongly(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, KEY, "a b", "support", PASSWORD).await.shows_form_again("name").says("a b");
        add(&administrator, KEY, "zhang", "owner", PASSWORD).await.shows_form_again("role");
        add(&administrator, KEY, "zhang", "support", "short").await.shows_form_again("password");
        add(&administrator, "short", "zhang", "support", PASSWORD).await.is(422);
        add(&administrator, KEY, "zhang", "support", PASSWORD).await.is(303);
        let other = "another-key-of-22-characters";
        add(&administrator, other, "ZHANG", "support", PASSWORD).await.shows_form_again("name");
        administrator.get("/admin/people/999999").await.is(404);
        administrator.get("/admin/people/not-a-number").await.is(404);
        administrator.post_form("/admin/people/999999/disable", &[]).await.is(404);
    }

    /// A changed role holds at once; somebody disabled is logged out at once and cannot come back
    /// until they are let in again.
    async fn rights_change_at_once(world) {
        let administrator = world.staff(Role::Administrator);
        let person = world.staff(Role::Viewer);
        person.get("/admin/people").await.is(403);
        let page = |rest: &str| format!("/admin/people/2{rest}");
        let role = [("role", "administrator")];
        administrator.post_form(&page("/role"), &role).await.goes_to(&page("?done=role"));
        person.get("/admin/people").await.is(200);
        administrator.post_form(&page("/disable"), &[]).await.goes_to(&page("?done=disabled"));
        assert_eq!(person.get("/admin/people").await.status, 303);
        let new = [("password", PASSWORD), ("password_again", PASSWORD)];
        administrator.post_form(&page("/password"), &new).await.goes_to(&page("?done=password"));
        log_in(world, "viewer-2", PASSWORD).await.1.is(422);
        administrator.post_form(&page("/enable"), &[]).await.goes_to(&page("?done=enabled"));
        let (person, reply) = log_in(world, "viewer-2", PASSWORD).await;
        reply.is(303);
        person.get("/admin/people").await.is(200);
    }

    /// There is always somebody left who decides who may do what.
    async fn the_last_administrator_stays(world) {
        let administrator = world.staff(Role::Administrator);
        let demote = administrator.post_form("/admin/people/1/role", &[("role", "viewer")]).await;
        demote.shows_form_again("role").says("last administrator");
        administrator.post_form("/admin/people/1/disable", &[]).await.shows_form_again("disabled");
        administrator.get("/admin/people").await.is(200);
        world.staff(Role::Administrator);
        administrator.post_form("/admin/people/1/role", &[("role", "viewer")]).await.is(303);
        administrator.get("/admin/people").await.is(403);
    }

    /// Changing one's own password needs the present one, and ends every other session.
    async fn an_own_password_is_changed(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, KEY, "zhang.min", "viewer", PASSWORD).await.is(303);
        let (desk, _) = log_in(world, "zhang.min", PASSWORD).await;
        let (phone, _) = log_in(world, "zhang.min", PASSWORD).await;
        let new = "a quieter evening at home";
        let change = |old: &'static str| [("old_password", old), ("password", new), ("password_again", new)];
        desk.post_form("/admin/account/password", &change("wrong")).await.shows_form_again("old_password");
        phone.get("/admin/account").await.is(200);
        let done = desk.post_form("/admin/account/password", &change(PASSWORD)).await;
        done.goes_to("/admin/account?done=password");
        desk.get("/admin/account").await.is(200);
        assert_eq!(phone.get("/admin/account").await.status, 303);
        log_in(world, "zhang.min", PASSWORD).await.1.is(422);
        log_in(world, "zhang.min", new).await.1.is(303);
    }

    /// A token is shown once, works as what it was made for, and no longer once it is revoked.
    async fn a_token_lives_and_dies(world) {
        let administrator = world.staff(Role::Administrator);
        let fields =
            [("idempotency_key", KEY), ("name", "Daily export"), ("role", "viewer"), ("days", "30")];
        let made = administrator.post_form("/admin/tokens", &fields).await.is(200);
        let text = made.text();
        let token = text[text.find("interlude_").unwrap()..].split('"').next().unwrap().to_owned();
        // The same form again shows the same token, and makes no second one.
        administrator.post_form("/admin/tokens", &fields).await.is(200).says(&token);
        administrator.get("/admin/tokens").await.is(200).says("1 token").lacks(&token).says("Never used");
        let program = world.anyone().with_token(&token);
        program.get("/admin/people").await.is(403);
        administrator.get("/admin/tokens").await.lacks("Never used");
        let last = if token.ends_with('x') { "y" } else { "x" };
        let other = world.anyone().with_token(&format!("{}{last}", &token[..token.len() - 1]));
        other.get("/admin/people").await.is(303);
        administrator.post_form("/admin/tokens/1/revoke", &[("confirm", "Daily export")]).await.goes_to("/admin/tokens?done=revoked");
        program.post_form("/admin/people", &[]).await.is(401);
        administrator.get("/admin/tokens").await.says("Revoked");
        administrator.post_form("/admin/tokens/77/revoke", &[]).await.is(404);
    }

    /// Wrong tokens are not made.
    async fn tokens_typed_wrongly(world) {
        let administrator = world.staff(Role::Administrator);
        let ask = async |name: &str, role: &str, days: &str| {
            let fields = [("idempotency_key", KEY), ("name", name), ("role", role), ("days", days)];
            administrator.post_form("/admin/tokens", &fields).await
        };
        ask("", "viewer", "").await.shows_form_again("name");
        ask("x", "king", "").await.shows_form_again("role");
        for days in ["0", "-1", "3651", "1.5", "99999999999999999999"] {
            ask("x", "viewer", days).await.shows_form_again("days").says(days);
        }
        administrator.get("/admin/tokens").await.says("No tokens yet");
    }

    /// Settings hold at once, in this server and for the next one, and wrong ones change nothing.
    async fn settings_hold_at_once(world) {
        let administrator = world.staff(Role::Administrator);
        let wrong = [("service_name", "A\u{7}B"), ("default_language", "fr"), ("time_zone", "Mars/Base")];
        let again = administrator.post_form("/admin/settings", &wrong).await.shows_form_again("service_name");
        again.shows_form_again("time_zone");
        let good =
            [("service_name", "云帆财务"), ("default_language", "en"), ("time_zone", "America/New_York")];
        administrator.post_form("/admin/settings", &good).await.goes_to("/admin/settings?done=saved");
        administrator.get("/admin/settings").await.says("America/New_York").says("云帆财务");
        world.anyone().get("/login").await.says("云帆财务");
        let kept = world.read(instance::settings);
        assert_eq!((kept.service_name.as_str(), kept.time_zone.name()), ("云帆财务", "America/New_York"));
        let reader = world.anyone().with_header("accept-language", "fr");
        reader.get("/login").await.says("Staff log-in");
    }

    /// What was done is on record, page by page, newest first, and only administrators read it.
    async fn acts_are_on_record(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, KEY, "zhang.min", "viewer", PASSWORD).await.is(303);
        for _ in 0..30 {
            administrator.post_form("/admin/people/2/disable", &[]).await.is(303);
            administrator.post_form("/admin/people/2/enable", &[]).await.is(303);
        }
        let first = administrator.get("/admin/audit").await.is(200).says("Enabled a person");
        assert_eq!(first.text().matches("<tr><td").count(), 50);
        let text = first.text();
        let next = text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let second = administrator.get(next).await.is(200).says("Added a person").says("command line");
        assert!(second.text().matches("<tr><td").count() < 50);
        second.lacks("rel=\"next\"").says("Back to the newest");
        administrator.get("/admin/audit?before=x").await.is(422);
        administrator.get("/admin/audit?nonsense=1").await.is(422);
        let chinese = world.staff(Role::Administrator).reading_chinese();
        chinese.get("/admin/audit").await.is(200).says("恢复人员").says("操作记录");
    }
}
