//! Coming in: invitations, sessions, the second factor, and how failed log-ins are slowed.

use diesel::prelude::*;
use interlude::domain::authenticator::SharedSecret;
use interlude::domain::instant::Instant;
use interlude::domain::person::Role;
use interlude::store::schema::{login_debts, recovery_codes, second_factors, sessions, staff_invitations};

use crate::support::process::Start;
use crate::support::{Actor, Place, Reply, World};

const KEY: &str = "a-key-of-22-characters-x";
const PASSWORD: &str = "walking home in the rain";

async fn add(by: &Actor, name: &str, role: &str) {
    let key = format!("a-key-for-{name}-of-22-characters");
    let fields = [
        ("idempotency_key", key.as_str()),
        ("name", name),
        ("role", role),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    by.post_form("/admin/people", &fields).await.is(303);
}

async fn try_in(browser: &Actor, name: &str, password: &str) -> Reply {
    browser.post_form("/login", &[("name", name), ("password", password)]).await
}

async fn invite(by: &Actor, key: &str, name: &str, days: &str) -> Reply {
    let fields =
        [("invite_key", key), ("invite_name", name), ("invite_role", "operator"), ("invite_days", days)];
    by.post_form("/admin/invitations", &fields).await
}

/// The path of the link that a page shows.
fn link(reply: &Reply) -> String {
    let text = reply.text();
    let at = text.find("/invitations/").unwrap();
    text[at..].split('"').next().unwrap().to_owned()
}

/// The code that an authenticator shows this many seconds from now.
fn code(secret: &str, seconds: i64) -> String {
    SharedSecret::kept(secret).code_at(Instant::now().plus_seconds(seconds)).unwrap()
}

/// What stands in the authenticator of a person, read behind the scene.
fn shared_secret(world: &World, person: i64) -> String {
    world.read(move |c| Ok(second_factors::table.find(person).select(second_factors::secret).first(c)?))
}

/// Sets the second factor up and gives its secret and the recovery codes.
async fn set_up(browser: &Actor) -> (String, Vec<String>) {
    browser.post_form("/admin/account/second-factor", &[]).await.goes_to("/admin/account/second-factor");
    let page = browser.get("/admin/account/second-factor").await.is(200).says("<svg class=\"qr\"");
    let text = page.text();
    let typed = text.split("<code class=\"secret-text\">").nth(1).unwrap().split('<').next().unwrap();
    let secret = typed.replace(' ', "");
    assert!(text.contains(&format!("secret={secret}")), "the address holds the same secret");
    let wrong = browser.post_form("/admin/account/second-factor/confirm", &[("code", "000 00x")]).await;
    wrong.shows_form_again("code").says(typed);
    let good = code(&secret, 0);
    let codes = browser.post_form("/admin/account/second-factor/confirm", &[("code", &good)]).await.is(200);
    let text = codes.text();
    let list =
        text.split("rows=\"10\"").nth(1).unwrap().split_once('>').unwrap().1.split('<').next().unwrap();
    let codes: Vec<String> = list.lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

story! {
    /// An invitation's link is shown once, lets one person choose a password, and is then worth
    /// nothing.
    async fn an_invitation_is_accepted_once(world) {
        let administrator = world.staff(Role::Administrator);
        let made = invite(&administrator, KEY, "Zhang.Min", "7").await.is(200).says("shown this once");
        let link = link(&made);
        // The same form again shows the same link, and makes no second one.
        assert_eq!(self::link(&invite(&administrator, KEY, "Zhang.Min", "7").await), link);
        administrator.get("/admin/people").await.says("zhang.min").lacks(&link);
        let kept: Vec<String> =
            world.read(|c| Ok(staff_invitations::table.select(staff_invitations::secret_hash).load(c)?));
        assert_eq!(kept.len(), 1);
        assert!(!link.contains(&kept[0]));

        let browser = world.anyone();
        browser.get(&link).await.is(200).says("zhang.min").says("Operator");
        browser.get(&crate::support::forged(&link)).await.is(404);
        for nonsense in ["/invitations/1", "/invitations/x-y", "/invitations/1-", "/invitations/99-abc"] {
            browser.get(nonsense).await.is(404);
            browser.post_form(nonsense, &[]).await.is(404);
        }
        let choose = |password: &'static str| [("password", password), ("password_again", password)];
        browser.post_form(&link, &choose("zhang.min-1")).await.shows_form_again("password");
        browser.post_form(&link, &choose("password2026")).await.shows_form_again("password").lacks("password2026");
        let differ = [("password", PASSWORD), ("password_again", "another one")];
        browser.post_form(&link, &differ).await.shows_form_again("password_again");
        browser.post_form(&link, &choose(PASSWORD)).await.goes_to("/admin/");
        browser.get("/admin/account").await.is(200).says("zhang.min").says("Operator");
        browser.get("/admin/people").await.is(403);
        world.anyone().get(&link).await.is(404);
        world.anyone().post_form(&link, &choose(PASSWORD)).await.is(404);
        try_in(&world.anyone(), "zhang.min", PASSWORD).await.is(303);
        administrator.get("/admin/audit").await.says("Invited somebody").says("Accepted an invitation");
    }

    /// Invitations that were taken back or are too old answer like those that never were, and what is
    /// typed wrongly is kept and marked.
    async fn invitations_end(world) {
        let administrator = world.staff(Role::Administrator);
        invite(&administrator, KEY, "a b", "7").await.shows_form_again("invite_name").says("a b");
        for days in ["0", "31", "x", "", "-1", "1e9"] {
            invite(&administrator, KEY, "zhang.min", days).await.shows_form_again("invite_days");
        }
        invite(&administrator, KEY, "administrator-1", "7").await.shows_form_again("invite_name");
        let first = link(&invite(&administrator, KEY, "zhang.min", "7").await.is(200));
        let other = link(&invite(&administrator, "another-key-of-22-characters", "li.wei", "30").await.is(200));
        let revoked = administrator.post_form("/admin/invitations/1/revoke", &[("confirm", "zhang.min")]).await;
        revoked.goes_to("/admin/people?done=revoked");
        administrator.post_form("/admin/invitations/77/revoke", &[]).await.is(404);
        world.write(|w| {
            let past = w.now.plus_seconds(-1);
            diesel::update(staff_invitations::table.find(2))
                .set(staff_invitations::expires_at.eq(past))
                .execute(w.connection)?;
            Ok(())
        });
        let never = world.anyone().get("/invitations/3-never").await.is(404);
        for gone in [first, other] {
            let reply = world.anyone().get(&gone).await.is(404);
            assert_eq!(reply.visible(), never.visible());
        }
        administrator.get("/admin/people").await.lacks("Not accepted yet");
    }

    /// Everybody sees where they are logged in, ends one session or all others, and nobody's else.
    async fn sessions_are_seen_and_ended(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, "zhang.min", "viewer").await;
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
        let desk = world.anyone().with_header("user-agent", firefox);
        let phone = world.anyone().with_header("user-agent", "Mozilla/5.0 (iPhone) Version/17 Safari/604.1");
        for browser in [&desk, &phone] {
            try_in(browser, "zhang.min", PASSWORD).await.is(303);
        }
        let page = desk.get("/admin/account").await.is(200);
        let page = page.says("Firefox · Linux").says("Safari · iPhone").says("This one");
        assert_eq!(page.text().matches("/end\"").count(), 2);
        // The administrator's session is the first, the desk's the second, the phone's the third.
        let never = desk.post_form("/admin/account/sessions/99/end", &[]).await.is(404);
        let others = desk.post_form("/admin/account/sessions/1/end", &[]).await.is(404);
        assert_eq!(never.visible(), others.visible());
        administrator.get("/admin/account").await.is(200).lacks("Firefox");
        desk.post_form("/admin/account/sessions/3/end", &[]).await.goes_to("/admin/account?done=ended");
        assert_eq!(phone.get("/admin/account").await.status, 303);
        desk.get("/admin/account").await.is(200).lacks("iPhone");
        try_in(&phone, "zhang.min", PASSWORD).await.is(303);
        let all = desk.post_form("/admin/account/sessions/end-others", &[]).await;
        all.goes_to("/admin/account?done=others");
        assert_eq!(phone.get("/admin/account").await.status, 303);
        try_in(&phone, "zhang.min", PASSWORD).await.is(303);
        administrator.get("/admin/people/2").await.says("Logged in on 2 devices");
        administrator.post_form("/admin/people/2/sessions/end", &[]).await.is(303);
        for browser in [&desk, &phone] {
            assert_eq!(browser.get("/admin/account").await.status, 303);
        }
        let kept: i64 = world.read(|c| {
            let of = sessions::table.filter(sessions::person_id.eq(2i64));
            Ok(of.count().get_result(c)?)
        });
        assert_eq!(kept, 0);
    }

    /// A session ends when it was not used for long enough, and in any case in the end.
    async fn sessions_grow_old(world) {
        let person = world.staff(Role::Viewer);
        let shift = |seen: i64, expires: i64| {
            world.write(move |w| {
                let (seen, expires) = (w.now.plus_seconds(seen), w.now.plus_seconds(expires));
                diesel::update(sessions::table)
                    .set((sessions::seen_at.eq(seen), sessions::expires_at.eq(expires)))
                    .execute(w.connection)?;
                Ok(())
            });
        };
        shift(-3_000, 3_600);
        person.get("/admin/account").await.is(200);
        shift(-3_601, 60);
        assert_eq!(person.get("/admin/account").await.status, 303, "it lay idle for an hour");
        shift(0, -1);
        assert_eq!(person.get("/admin/account").await.status, 303, "its time is over");
    }

    /// With a second factor the password alone lets nobody in; each code works once, and recovery
    /// codes do in its place.
    async fn a_second_factor_is_asked_for(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, "zhang.min", "viewer").await;
        let (desk, elsewhere) = (world.anyone(), world.anyone());
        try_in(&desk, "zhang.min", PASSWORD).await.goes_to("/admin/");
        try_in(&elsewhere, "zhang.min", PASSWORD).await.goes_to("/admin/");
        let (secret, recovery) = set_up(&desk).await;
        assert_eq!(shared_secret(world, 2), secret);
        desk.get("/admin/account").await.is(200).says("10 recovery codes left");
        assert_eq!(elsewhere.get("/admin/account").await.status, 303, "nobody proved a code there");
        let hashes: Vec<String> =
            world.read(|c| Ok(recovery_codes::table.select(recovery_codes::code_hash).load(c)?));
        assert!(hashes.iter().all(|hash| !recovery.contains(hash)));

        let phone = world.anyone();
        phone.get("/login/code").await.goes_to("/login?over=1");
        let fields = [("name", "zhang.min"), ("password", PASSWORD), ("next", "/admin/reports")];
        phone.post_form("/login", &fields).await.goes_to("/login/code");
        assert_eq!(phone.get("/admin/account").await.status, 303, "a password is not enough");
        phone.get("/login/code").await.is(200).says("zhang.min");
        let answer = async |browser: &Actor, code: &str| browser.post_form("/login/code", &[("code", code)]).await;
        answer(&phone, "123").await.shows_form_again("code");
        // The code that turned it on was used; the next one was not.
        let next = code(&secret, 30);
        answer(&phone, &next).await.goes_to("/admin/reports");
        phone.get("/admin/account").await.is(200).says("Password and code");

        let thief = world.anyone();
        try_in(&thief, "zhang.min", PASSWORD).await.goes_to("/login/code");
        answer(&thief, &next).await.shows_form_again("code");
        answer(&thief, &recovery[0].to_uppercase().replace('-', " ")).await.goes_to("/admin/");
        let again = world.anyone();
        try_in(&again, "zhang.min", PASSWORD).await.goes_to("/login/code");
        answer(&again, &recovery[0]).await.shows_form_again("code");
        for _ in 0..3 {
            answer(&again, "000000x").await.shows_form_again("code");
        }
        answer(&again, &recovery[1]).await.goes_to("/admin/");
        let last = world.anyone();
        try_in(&last, "zhang.min", PASSWORD).await.goes_to("/login/code");
        for _ in 0..4 {
            answer(&last, "nonsense \u{0}").await.shows_form_again("code");
        }
        answer(&last, "five times wrong").await.goes_to("/login?over=1");
        answer(&last, &recovery[2]).await.goes_to("/login?over=1");
        last.get("/login?over=1").await.is(200).says("Please log in again");
        desk.get("/admin/account").await.says("8 recovery codes left");
        administrator.get("/admin/audit").await.says("Set up a second factor").says("Log-in refused");
    }

    /// New recovery codes, and taking the second factor away, need the password.
    async fn a_second_factor_is_managed(world) {
        let administrator = world.staff(Role::Administrator);
        add(&administrator, "zhang.min", "viewer").await;
        let desk = world.anyone();
        try_in(&desk, "zhang.min", PASSWORD).await.is(303);
        let (secret, recovery) = set_up(&desk).await;
        let page = "/admin/account/second-factor";
        desk.get(page).await.is(200).says("10 recovery codes left").lacks(&secret);
        let codes = format!("{page}/codes");
        desk.post_form(&codes, &[("codes_password", "wrong")]).await.shows_form_again("codes_password");
        let fresh = desk.post_form(&codes, &[("codes_password", PASSWORD)]).await.is(200);
        fresh.says("Keep your recovery codes").lacks(&recovery[0]);
        let phone = world.anyone();
        try_in(&phone, "zhang.min", PASSWORD).await.goes_to("/login/code");
        phone.post_form("/login/code", &[("code", &recovery[0])]).await.shows_form_again("code");
        // Beginning again does not take away what is there.
        desk.post_form(page, &[]).await.is(409);
        let remove = format!("{page}/remove");
        desk.post_form(&remove, &[("remove_password", "")]).await.shows_form_again("remove_password");
        let gone = desk.post_form(&remove, &[("remove_password", PASSWORD)]).await;
        gone.goes_to("/admin/account?done=second-factor-off");
        try_in(&world.anyone(), "zhang.min", PASSWORD).await.goes_to("/admin/");
        // Lost: an administrator takes it away.
        set_up(&desk).await;
        try_in(&world.anyone(), "zhang.min", PASSWORD).await.goes_to("/login/code");
        administrator.get("/admin/people").await.says("On");
        administrator.post_form("/admin/people/2/second-factor/remove", &[("confirm", "zhang.min")]).await.is(303);
        assert_eq!(desk.get("/admin/account").await.status, 303);
        try_in(&world.anyone(), "zhang.min", PASSWORD).await.goes_to("/admin/");
        administrator.post_form("/admin/people/77/second-factor/remove", &[]).await.is(404);
    }

    /// Where everybody needs a second factor, somebody without one gets nowhere else, and programs
    /// with tokens are left alone.
    async fn a_second_factor_can_be_required(world) {
        let administrator = world.staff(Role::Administrator);
        let (person, program) = (world.staff(Role::Support), world.program(Role::Support));
        let set = [("second_factor", "yes")];
        administrator.post_form("/admin/settings/log-in", &set).await.goes_to("/admin/settings?done=log-in");
        for browser in [&administrator, &person] {
            browser.get("/admin/reports").await.goes_to("/admin/account/second-factor");
            browser.get("/admin/").await.goes_to("/admin/account/second-factor");
            browser.get("/admin/account/second-factor").await.is(200).says("Everybody here needs");
            browser.post_form("/admin/account/password", &[]).await.is(403).says("second factor first");
            browser.get("/api/v1/reports").await.shows_problem(403, "");
            browser.get("/").await.is(200);
        }
        program.get("/api/v1/reports").await.is(200);
        set_up(&person).await;
        person.get("/admin/reports").await.is(200);
        set_up(&administrator).await;
        administrator.get("/admin/settings").await.is(200).says("checked");
        administrator.post_form("/admin/settings/log-in", &[]).await.is(303);
        let other = world.staff(Role::Viewer);
        other.get("/admin/").await.is(200);
        administrator.get("/admin/audit").await.says("Changed whether a second factor is required");
    }
}

/// Failed log-ins of one account are slowed, of a name that nobody has just the same; a browser that
/// was logged in before is not kept waiting by others; and nobody waits longer than half a minute.
async fn log_ins_are_slowed(world: &World) {
    let administrator = world.staff(Role::Administrator);
    add(&administrator, "zhang.min", "viewer").await;
    add(&administrator, "li.wei", "viewer").await;
    let known = world.anyone();
    try_in(&known, "zhang.min", PASSWORD).await.is(303);
    for name in ["zhang.min", "nobody.here"] {
        let attacker = world.anyone();
        // On a slow machine some of what is owed melts away meanwhile.
        let (mut tried, mut slowed) = (0, try_in(&attacker, name, "a wrong password").await);
        while slowed.status == 422 && tried < 30 {
            tried += 1;
            slowed = try_in(&attacker, &name.to_uppercase(), "a wrong password").await;
        }
        assert!(tried >= 5, "{name}: {tried}");
        let slowed = slowed.is(429);
        let wait: u64 = slowed.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
        // The right one is not tried either, so that it cannot be told from a wrong one.
        try_in(&world.anyone(), name, PASSWORD).await.is(429);
    }
    try_in(&known, "zhang.min", PASSWORD).await.is(303);
    try_in(&world.anyone(), "li.wei", PASSWORD).await.is(303);
    let kept: Vec<String> = world.read(|c| Ok(login_debts::table.select(login_debts::key).load(c)?));
    assert!(kept.len() >= 3, "{kept:?}");
    assert!(kept.iter().all(|key| !key.contains("zhang") && !key.contains("127")), "{kept:?}");
    // Half a minute later.
    let later = |seconds: i64| {
        let sql = format!("UPDATE login_debts SET clear_at = clear_at - {}", seconds * 1_000_000);
        world.write(move |w| Ok(diesel::sql_query(&sql).execute(w.connection)?));
    };
    later(30);
    try_in(&world.anyone(), "zhang.min", PASSWORD).await.is(303);

    // An address that owes for more than twenty waits as well, whatever the name.
    later(-3_600);
    let slowed = try_in(&world.anyone(), "guess-1", "a wrong password").await.is(429);
    let wait: u64 = slowed.header("retry-after").parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
    later(3_600);
    try_in(&world.anyone(), "guess-1", "a wrong password").await.is(422);
    let refused = world.read(|c| {
        use interlude::store::schema::audit_rows;
        let things: Vec<String> = audit_rows::table
            .filter(audit_rows::action.eq("login.refused"))
            .select(audit_rows::thing)
            .load(c)?;
        assert!(things.iter().all(|thing| matches!(thing.as_str(), "" | "zhang.min")), "{things:?}");
        Ok(things.iter().filter(|thing| *thing == "zhang.min").count())
    });
    assert!(refused >= 5, "{refused}");
}

#[test]
fn log_ins_are_slowed_on_sqlite() {
    let world = World::with_limits();
    world.run(log_ins_are_slowed(&world));
}

#[test]
fn log_ins_are_slowed_on_postgres() {
    let Some(world) = World::with_limits_on_postgres() else {
        crate::support::left_out("no INTERLUDE_TEST_POSTGRES_URL");
        return;
    };
    world.run(log_ins_are_slowed(&world));
}

/// However much is logged, no password, link or code stands in the log.
#[test]
fn no_secret_is_logged() {
    let place = Place::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let process = Start::on(&place.database, folder.path()).with("INTERLUDE_LOG", "debug").go();
    let secrets =
        ["r-7kq4m2-averysecretlink", "7-averysecretinvitation", "averysecretsetup", "averysecretpassword"];
    actix_web::rt::System::new().block_on(async {
        let browser = Actor::at(&format!("http://{}", process.address));
        browser.get(&format!("/receipts/{}", secrets[0])).await;
        browser.get(&format!("/invitations/{}", secrets[1])).await;
        browser.get(&format!("/setup/{}", secrets[2])).await;
        browser.post_form("/login", &[("name", "averysecretname"), ("password", secrets[3])]).await;
        browser.get("/login/callback?code=averysecretcode&state=averysecretstate").await;
        let program = Actor::at(&format!("http://{}", process.address)).with_token("averysecrettoken");
        program.get("/api/v1/reports").await;
    });
    process.ask_to_end();
    let mut process = process;
    process.wait_for_end(std::time::Duration::from_secs(30));
    let logged = process.logged();
    assert!(logged.contains("/receipts/{secret}") && logged.contains("/login"), "{logged}");
    assert!(!logged.contains("averysecret"), "{logged}");
}
