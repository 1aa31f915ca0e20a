//! What cannot be taken back is done only by those who typed what it is about: the press alone leads to
//! a page that says what would happen, and changes nothing.

use diesel::prelude::*;
use interlude::domain::person::Role;
use interlude::domain::survey::TemplateKey;
use interlude::store::people::Actor as StoreActor;
use interlude::store::schema::{report_images, saved_filters, second_factors, windows};
use interlude::store::{audit, demonstration, surveys};
use interlude::web::routes::TABLE;
use serde_json::{Value, json};

use crate::support::{Actor, World};

/// A press that cannot be taken back.
struct Press {
    /// Its line in the route table.
    route: &'static str,
    path: String,
    fields: Vec<(&'static str, String)>,
    /// What the page that follows says of it.
    says: Vec<&'static str>,
    /// What is to be typed.
    word: String,
    /// Where what it is about is seen as long as it is there, and what is seen there.
    seen: (String, String),
}

impl Press {
    fn new(route: &'static str, path: &str, word: &str) -> Press {
        let (path, word) = (path.to_owned(), word.to_owned());
        Press { route, path, fields: Vec::new(), says: Vec::new(), word, seen: Default::default() }
    }

    fn with(mut self, name: &'static str, value: &str) -> Press {
        self.fields.push((name, value.to_owned()));
        self
    }

    fn says(mut self, what: &'static str) -> Press {
        self.says.push(what);
        self
    }

    fn seen(self, at: &str, what: &str) -> Press {
        Press { seen: (at.to_owned(), what.to_owned()), ..self }
    }

    async fn post(&self, by: &Actor, typed: Option<&str>) -> crate::support::Reply {
        let mut fields: Vec<(&str, &str)> = self.fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        fields.extend(typed.map(|word| ("confirm", word)));
        by.post_form(&self.path, &fields).await
    }
}

fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbaImage::from_pixel(96, 56, image::Rgba([15, 110, 132, 120]));
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Two reports and a me-too of one known issue; gives its number and the first report's reference.
async fn met(world: &World, program: &Actor) -> (String, String) {
    let mut names = Vec::new();
    for n in 0..2 {
        let body = json!({"impact": "blocked", "description": "No codes by SMS"});
        let sent =
            world.anyone().post_json_once("/api/v1/reports", &format!("{n:-<24}"), body).await.is(201).json();
        if n == 0 {
            let secret = sent["receipt_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            let to = format!("/api/v1/receipts/{secret}/images");
            world.anyone().send("post", &to, &[("content-type", "image/png")], png()).await.is(201);
        }
        names.push(sent["reference"].as_str().unwrap().to_owned());
    }
    let issue = json!({"title": {"en": "No SMS codes", "zh-CN": "收不到验证码"}, "reports": names});
    let issue = program.post_json("/api/v1/known-issues", issue).await.is(201).json()["id"].to_string();
    let too = format!("/api/v1/known-issues/{issue}/me-too");
    world.anyone().post_json_once(&too, &format!("{:-<24}", "too"), json!({})).await.is(201);
    (issue, names[0].clone())
}

/// One of everything that can be lost by a press.
async fn presses(world: &World, by: &Actor) -> Vec<Press> {
    let program = world.program(Role::Administrator);
    let (issue, report) = met(world, &program).await;
    let image: i64 = world.read(|c| Ok(report_images::table.select(report_images::id).first(c)?));
    let improvement =
        program.post_json("/api/v1/improvements", json!({"title": "Tell them earlier"})).await.is(201).json();
    let improvement = improvement["reference"].as_str().unwrap().to_owned();
    let named = json!({"en": "Short and own", "zh-CN": "自建短问卷"});
    let question =
        json!({"key": "works", "kind": "yes_no", "text": {"en": "Does it work?", "zh-CN": "能用吗？"}});
    let template = serde_json::from_value(json!({"name": named, "questions": [question]})).unwrap();
    world.write(move |w| {
        let key = TemplateKey::Made("own".to_owned());
        surveys::create(w, &StoreActor::CommandLine, &key, &template, false)
    });
    let key = interlude::web::page::new_key();
    let once = ("idempotency_key", key.as_str());
    let help = [
        once,
        ("question.zh-CN", "能导出吗？"),
        ("question.en", "Can I export?"),
        ("answer.zh-CN", "可以。"),
        ("answer.en", "You can."),
    ];
    by.post_form("/admin/help/new", &help).await.is(303);
    let canned = [
        once,
        ("title.zh-CN", "删 Cookie"),
        ("title.en", "Wipe the cookies"),
        ("body.zh-CN", "请删除 Cookie。"),
        ("body.en", "Please wipe them."),
    ];
    by.post_form("/admin/answers", &canned).await.is(303);
    by.post_form("/admin/filters", &[("name", "My own"), ("query", "status=new")]).await.is(303);
    by.post_form("/admin/tokens", &[once, ("name", "Night watch"), ("role", "support")]).await.is(200);
    by.post_form(
        "/admin/invitations",
        &[
            ("invite_key", key.as_str()),
            ("invite_name", "li.wei"),
            ("invite_role", "support"),
            ("invite_days", "7"),
        ],
    )
    .await
    .is(200);
    // Somebody with a second factor.
    world.staff(Role::Support);
    let (person, name, token) = world.read(|c| {
        let person = interlude::store::people::list(c)?.into_iter().max_by_key(|p| p.id).unwrap();
        let token =
            interlude::store::people::tokens(c)?.into_iter().find(|t| t.name == "Night watch").unwrap();
        Ok((person.id, person.name, token.id))
    });
    world.write(move |w| {
        use second_factors as s;
        let row = (
            s::person_id.eq(person),
            s::secret.eq("x"),
            s::created_at.eq(w.now),
            s::confirmed_at.eq(Some(w.now)),
            s::last_step.eq(0),
        );
        Ok(diesel::insert_into(s::table).values(row).execute(w.connection)?)
    });
    let mut logo =
        b"--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"logo.png\"\r\n\r\n".to_vec();
    logo.extend(png());
    logo.extend(b"\r\n--edge--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "same-origin")];
    by.send("post", "/admin/appearance/logo", &headers, logo).await.is(303);
    // A demonstration of one window.
    let shown = crate::surveys::window(world, "shown", TemplateKey::Short, -1);
    world.write(move |w| {
        let one = windows::table.find(shown);
        Ok(diesel::update(one).set(windows::demonstration.eq(true)).execute(w.connection)?)
    });

    let at_issue = format!("/admin/known-issues/{issue}");
    let at_report = format!("/admin/reports/{report}");
    let picture = format!("{at_report}/images/{image}");
    let at_improvement = format!("/admin/improvements/{improvement}");
    vec![
        Press::new("/admin/known-issues/{id}", &at_issue, &issue)
            .with("act", "resolve")
            .with("answer.en", "Codes come again")
            .with("answer.zh-CN", "已经恢复")
            .says("2 reports that are linked with “No SMS codes” are answered")
            .says("1 person who had it too")
            .says("Codes come again")
            .seen(&at_issue, "value=\"resolve\""),
        Press::new(
            "/admin/improvements/{reference}/remove",
            &format!("{at_improvement}/remove"),
            &improvement,
        )
        .says("“Tell them earlier” will be gone for good")
        .seen("/admin/improvements", "Tell them earlier"),
        Press::new("/admin/surveys/templates/{key}", "/admin/surveys/templates/own", "own")
            .with("act", "remove")
            .says("“Short and own”")
            .says("No window uses it and nobody has answered it")
            .seen("/admin/surveys", "Short and own"),
        Press::new("/admin/help/{entry}", "/admin/help/100", "remove")
            .with("act", "remove")
            .says("“Can I export?”")
            .says("go from the help page at once")
            .seen("/help", "Can I export?"),
        Press::new("/admin/answers/{id}", "/admin/answers/1", "wipe  the cookies")
            .with("act", "remove")
            .with("revision", "1")
            .says("“Wipe the cookies”")
            .says("What was answered with it stays")
            .says("Please wipe them.")
            .seen("/admin/answers", "Wipe the cookies"),
        Press::new("/admin/filters/{id}", "/admin/filters/1", "my own")
            .says("Only you see it")
            .seen("/admin/filters", "My own"),
        Press::new("/admin/tokens/{id}/revoke", &format!("/admin/tokens/{token}/revoke"), "Night watch")
            .says("are refused from the next call on")
            .says("It has never been used")
            .seen("/admin/tokens", &format!("/admin/tokens/{token}/revoke")),
        Press::new("/admin/invitations/{id}/revoke", "/admin/invitations/1/revoke", "li.wei")
            .says("opens nothing any more")
            .seen("/admin/people", "/admin/invitations/1/revoke"),
        Press::new(
            "/admin/people/{id}/second-factor/remove",
            &format!("/admin/people/{person}/second-factor/remove"),
            &name,
        )
        .says("their password alone lets them in")
        .seen(&format!("/admin/people/{person}"), "second-factor/remove"),
        Press::new("/admin/appearance/logo/remove", "/admin/appearance/logo/remove", "remove")
            .says("The product's own mark comes back")
            .seen("/", "/logo?v="),
        Press::new("/admin/reports/{reference}/images/{id}/remove", &format!("{picture}/remove"), &report)
            .says("for the reporter too")
            .seen(&at_report, &picture),
        Press::new("/admin/settings/demonstration/remove", "/admin/settings/demonstration/remove", "Remove")
            .says("1 window and 0 reports go, with everything that belongs to them")
            .seen("/admin/settings", "demonstration/remove"),
    ]
}

/// What the acts above would have changed.
fn traces(world: &World, by: &'static str) -> (usize, i64, bool) {
    world.read(move |c| {
        let filters = saved_filters::table.count().get_result(c)?;
        let rows = audit::list(c, None, 1000)?;
        Ok((rows.iter().filter(|r| r.actor == by).count(), filters, demonstration::is_here(c)?))
    })
}

story! {
    /// Each press leads to a page that says in sentences what would happen to what; neither it nor a wrong
    /// word changes anything, and what was sent is sent again with the right one, which does it once.
    async fn what_is_final_is_typed(world) {
        let by = world.staff(Role::Administrator);
        let presses = presses(world, &by).await;
        for press in &presses {
            let (at, what) = &press.seen;
            let before = traces(world, "person:administrator-1");
            let mut asked = press.post(&by, None).await.is(200);
            assert_eq!(asked.header("cache-control"), "no-store", "{}", press.path);
            for sentence in &press.says {
                asked = asked.says(sentence);
            }
            for (name, value) in &press.fields {
                asked = asked.says(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
            }
            asked.says(&format!("action=\"{}\"", press.path)).says("What will happen").lacks("error-summary");
            let wrong = press.post(&by, Some("Something <else>")).await.shows_form_again("confirm");
            wrong.says("value=\"Something &#60;else&#62;\"").says("Nothing was done").says(press.says[0]);
            press.post(&by, Some(" ")).await.shows_form_again("confirm");
            by.get(at).await.is(200).says(what);
            assert_eq!(traces(world, "person:administrator-1"), before, "{}", press.path);
            // What would be lost is lost now.
            press.post(&by, Some(&press.word)).await.is(303);
            by.get(at).await.is(200).lacks(what);
        }
        // Nothing in the table that takes something away was forgotten here.
        let own = ["/admin/account/second-factor/remove"];
        for entry in TABLE.iter().filter(|e| e.method == "post" && e.role.is_some()) {
            let takes = entry.path.ends_with("/remove") || entry.path.ends_with("/revoke");
            let told = presses.iter().any(|p| p.route == entry.path) || own.contains(&entry.path);
            assert!(!takes || told, "{} takes something away unasked", entry.path);
        }
        for press in &presses {
            assert!(TABLE.iter().any(|e| e.path == press.route), "{}", press.route);
        }
    }

    /// The page speaks the reader's language, and the word that stands in for a name does too.
    async fn it_is_asked_in_the_readers_language(world) {
        let by = world.staff(Role::Administrator);
        by.post_form("/admin/settings/demonstration", &[]).await.is(303);
        let remove = "/admin/settings/demonstration/remove";
        let by = by.reading_chinese();
        by.post_form(remove, &[]).await.is(200).says("请输入“删除”以确认").says("将删除 6 次维护和");
        by.post_form(remove, &[("confirm", "remove")]).await.shows_form_again("confirm").says("尚未执行");
        by.post_form(remove, &[("confirm", "删除")]).await.is(303);
        // Gone already, there is nothing to ask.
        by.post_form(remove, &[]).await.is(303);
    }

    /// Nobody is asked to type for what would be refused, or would answer nobody.
    async fn nobody_types_for_nothing(world) {
        let (program, support) = (world.program(Role::Support), world.staff(Role::Support));
        let issue = program.post_json("/api/v1/known-issues", json!({"title": "Nobody met it"})).await.is(201).json();
        let path = format!("/admin/known-issues/{}", issue["id"]);
        support.post_form(&path, &[("act", "resolve"), ("answer.en", " ")]).await.is(422);
        support.post_form(&path, &[("act", "resolve"), ("answer.en", "Over")]).await.goes_to(&format!("{path}?done=resolved"));
        assert_eq!(program.get_json(&format!("/api/v1{}", path.strip_prefix("/admin").unwrap())).await["status"], Value::from("resolved"));
        support.post_form(&path, &[("act", "resolve"), ("answer.en", "Over")]).await.is(409);
        world.staff(Role::Administrator).post_form("/admin/appearance/logo/remove", &[]).await.goes_to("/admin/appearance");
    }
}
