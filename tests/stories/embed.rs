//! What other sites show of us, and how far they get.

use std::process::Command;

use interlude::domain::instant::Instant;
use interlude::domain::person::Role;
use interlude::domain::report::Source;
use interlude::store::connection::Database;
use serde_json::json;

use crate::support::{Actor, Reply, World};
use crate::windows::{hours_from_now, operator, planned, published, running};

const SHOP: &str = "https://shop.example.com";
const FORM: &str = "/embed/windows/core-upgrade/report";

/// Lists these origins in the settings.
async fn allowed(world: &World, origins: &str) -> Reply {
    let fields = [
        ("service_name", ""),
        ("default_language", "zh-CN"),
        ("time_zone", "Asia/Shanghai"),
        ("embed_origins", origins),
    ];
    world.staff(Role::Administrator).post_form("/admin/settings", &fields).await
}

fn ancestors(reply: &Reply) -> String {
    let policy = reply.header("content-security-policy");
    policy.split("frame-ancestors ").nth(1).unwrap().split(';').next().unwrap().to_owned()
}

fn key_in(page: &Reply) -> String {
    let text = page.text();
    text.split("name=\"idempotency_key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// A form as a browser sends it from that kind of page.
async fn send(actor: &Actor, path: &str, site: &str, origin: &str, fields: &[(&str, &str)]) -> Reply {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", site), ("origin", origin)];
    actor.send("post", path, &headers, body.into_bytes()).await
}

story! {
    /// Nobody frames anything until the operator names who may, and then only what is made for it.
    async fn only_listed_sites_frame_only_forms(world) {
        running(world).await;
        let anyone = world.anyone();
        for path in [FORM, "/embed/report", "/windows/core-upgrade/report", "/"] {
            assert_eq!(ancestors(&anyone.get(path).await.is(200)), "'none'", "{path}");
        }
        allowed(world, &format!("{SHOP}/\r\nhttp://127.0.0.1:8081\r\n")).await.goes_to("/admin/settings?done=saved");
        for path in [FORM, "/embed/report"] {
            assert_eq!(ancestors(&anyone.get(path).await.is(200)), format!("http://127.0.0.1:8081 {SHOP}"), "{path}");
        }
        for path in ["/windows/core-upgrade/report", "/", "/report", "/login", "/embedded", "/admin/"] {
            assert_eq!(ancestors(&anyone.get(path).await), "'none'", "{path}");
        }
        world.staff(Role::Administrator).get("/admin/settings").await.is(200).says(SHOP);
        allowed(world, "*").await.shows_form_again("embed_origins");
        allowed(world, "https://a.example; script-src *").await.shows_form_again("embed_origins").says("script-src *");
        assert!(ancestors(&anyone.get(FORM).await).contains(SHOP), "what was refused changed something");
        allowed(world, "").await.is(303);
        assert_eq!(ancestors(&anyone.get(FORM).await.is(200)), "'none'");
    }

    /// Whoever reports in a frame needs no cookie, keeps the language, and gets the code.
    async fn a_framed_form_reports(world) {
        running(world).await;
        allowed(world, SHOP).await.is(303);
        let page = world.anyone().get(&format!("{FORM}?component=export&lang=zh-CN")).await.is(200);
        page.says("action=\"/embed/windows/core-upgrade/report?lang=zh-CN\"").says("<option value=\"export\" selected>");
        let page = world.anyone().get(&format!("{FORM}?component=export&lang=zh-CN")).await.is(200)
            .lacks("site-footer").lacks("/assets/offline.js").says("/assets/embedded.js");
        let key = key_in(&page);
        let fields = [("idempotency_key", key.as_str()), ("description", "登录不了"), ("impact", "blocked"), ("component", "export")];
        // Our own page in the frame sends it: same origin, no cookie.
        let own = world.url.clone();
        let bare = [("idempotency_key", key.as_str()), ("impact", "blocked")];
        let again = send(&world.anyone(), &format!("{FORM}?lang=zh-CN"), "same-origin", &own, &bare).await;
        assert!(ancestors(&again.shows_form_again("description")).contains(SHOP), "the form again is not framed");
        let sent = send(&world.anyone(), &format!("{FORM}?lang=zh-CN"), "same-origin", &own, &fields).await.is(303);
        assert!(sent.location().starts_with("/embed/receipts/r-") && sent.location().ends_with("&lang=zh-CN"), "{}", sent.location());
        let receipt = world.anyone().get(sent.location()).await.is(200).says("请保存").says("target=\"_blank\"");
        assert_eq!((receipt.header("cache-control"), receipt.header("referrer-policy")), ("no-store", "same-origin"));
        assert!(ancestors(&receipt).contains(SHOP));
        let support = world.program(Role::Support);
        let list = support.get_json("/api/v1/reports").await;
        assert_eq!(list["items"][0]["source"], Source::Embed.code());
    }

    /// The survey works in a frame as well.
    async fn a_framed_survey_is_answered(world) {
        let operator = running(world).await;
        operator.patch_json("/api/v1/windows/core-upgrade", json!({"state": "verifying"})).await.is(200);
        operator.patch_json("/api/v1/windows/core-upgrade", json!({"state": "completed", "tested": ["login", "export"]})).await.is(200);
        let path = "/embed/windows/core-upgrade/survey";
        let page = world.anyone().get(&format!("{path}?lang=en")).await.is(200).says("action=\"/embed/windows/core-upgrade/survey?lang=en\"");
        let key = key_in(&page);
        let sent = world.anyone().post_form(&format!("{path}?lang=en"), &[("idempotency_key", &key), ("csat", "4")]).await.is(303);
        assert!(sent.location().starts_with("/embed/surveys/responses/"), "{}", sent.location());
        world.anyone().get(sent.location()).await.is(200).lacks("site-footer");
    }

    /// A form that another site sends itself is refused, although the site is listed.
    async fn other_sites_send_nothing_themselves(world) {
        running(world).await;
        allowed(world, SHOP).await.is(303);
        let fields = [("idempotency_key", "a-key-of-22-characters-1"), ("description", "x"), ("impact", "blocked")];
        for path in [FORM, "/embed/report", "/report"] {
            for (site, origin) in [("cross-site", SHOP), ("same-site", SHOP), ("cross-site", "null")] {
                send(&world.anyone(), path, site, origin, &fields).await.is(403).says("another site");
            }
        }
        assert_eq!(world.program(Role::Support).get_json("/api/v1/reports").await["items"].as_array().unwrap().len(), 0);
    }

    /// The banner's words go to listed sites; the script and the badge to anyone.
    async fn what_a_banner_says(world) {
        let operator = operator(world);
        for (slug, start) in [("soon", 30), ("far", 24 * 30), ("running", 0)] {
            let mut window = planned(start, start + 8);
            window["slug"] = json!(slug);
            window["state"] = json!("scheduled");
            operator.post_json("/api/v1/windows", window).await.is(201);
        }
        operator.patch_json("/api/v1/windows/running", json!({"state": "in_progress"})).await.is(200);
        let ask = async |origin: &str| {
            world.anyone().send("get", "/embed.json?lang=en", &[("origin", origin)], vec![]).await.is(200)
        };
        assert_eq!(ask(SHOP).await.header("access-control-allow-origin"), "");
        allowed(world, SHOP).await.is(303);
        let said = ask(SHOP).await;
        assert_eq!(said.header("access-control-allow-origin"), SHOP);
        assert_eq!(said.header("access-control-allow-credentials"), "");
        assert_eq!(ask("https://shop.example.com.evil.example").await.header("access-control-allow-origin"), "");
        let windows = said.json()["windows"].as_array().unwrap().clone();
        let slugs: Vec<&str> = windows.iter().map(|w| w["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs, ["running", "soon"]);
        assert_eq!((&windows[0]["state"], &windows[0]["components"]), (&json!("running"), &json!(["login", "export"])));
        assert_eq!(windows[0]["report"], "/embed/windows/running/report?lang=en");
        assert_eq!(windows[1]["report"], json!(null));
        assert!(windows[1]["says"].as_str().unwrap().starts_with("Planned: "));
        let script = world.anyone().get("/embed.js").await.is(200);
        assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
        assert!(script.bytes.len() < 5 * 1024, "embed.js has {} bytes", script.bytes.len());
        assert!(script.headers.get("set-cookie").is_none());
    }

    /// The badge says in words what is going on.
    async fn a_badge_says_the_state(world) {
        let badge = async |lang: &str| {
            let reply = world.anyone().get(&format!("/badge.svg?lang={lang}")).await.is(200);
            assert_eq!(reply.header("content-type"), "image/svg+xml");
            assert!(reply.text().contains("role=\"img\""));
            reply
        };
        badge("en").await.says("none planned");
        let operator = published(world, 30, 38).await;
        badge("en").await.says("planned for");
        badge("zh-CN").await.says("计划于");
        let now = json!({"scheduled_start": hours_from_now(0), "scheduled_end": hours_from_now(8)});
        operator.patch_json("/api/v1/windows/core-upgrade", now).await.is(200);
        operator.patch_json("/api/v1/windows/core-upgrade", json!({"state": "in_progress"})).await.is(200);
        badge("en").await.says("in progress");
        badge("zh-CN").await.says("aria-label=\"系统维护: 进行中\"");
    }

    /// A copy says what the notice says, in the operator's look: what is known, how many reported, links to support.
    async fn a_snapshot_is_the_notice(world) {
        running(world).await;
        let admin = world.staff(Role::Administrator);
        admin.post_form("/admin/appearance", &[("accent", "#0f6e84"), ("footer.en", "[Imprint](https://example.com/imprint)")])
            .await.is(303);
        crate::appearance::send_logo(&admin, &crate::appearance::png()).await.is(303);
        let issue = json!({
            "title": {"zh-CN": "导出很慢", "en": "Exports are slow"}, "workaround": {"en": "Export **by month**."},
            "window": "core-upgrade", "public": true,
        });
        admin.post_json("/api/v1/known-issues", issue).await.is(201);
        for n in 0..2 {
            let key = format!("snapshot-{n}-{:-<20}", "");
            let fields = [("idempotency_key", key.as_str()), ("description", "登录不了"), ("impact", "blocked"), ("component", "login")];
            world.anyone().post_form("/windows/core-upgrade/report", &fields).await.is(303);
        }
        let files = world.read(|c| interlude::web::snapshot::files(c, Some("core-upgrade"), "", Instant::now()));
        let html = &files[0].html;
        for said in ["导出很慢", "Exports are slow", "<strong>by month</strong>", "href=\"tel:4008200000\"", "--accent:#0f6e84;",
            "src=\"data:image/png;base64,iVBOR", "img-src data:", "href=\"https://example.com/imprint\"",
            "<html lang=\"zh-CN\" dir=\"ltr\">", "<div id=\"en\" lang=\"en\" dir=\"ltr\">", ">English</a>", "值班电话：<strong>",
            "class=\"others\">"] {
            assert!(html.contains(said), "{said:?} is not in it: {html}");
        }
    }

    /// A copy of the notice needs nothing but itself.
    async fn a_snapshot_needs_no_server(world) {
        running(world).await;
        let folder = tempfile::tempdir().unwrap();
        let database = match world.store.database() {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        };
        let export = |more: &[&str]| {
            Command::new(env!("CARGO_BIN_EXE_interlude"))
                .env("DATABASE_URL", &database)
                .env("INTERLUDE_PUBLIC_URL", "https://status.example.com/")
                .args(["export", "notice"])
                .args(more)
                .output()
                .unwrap()
        };
        let out = folder.path().join("copy");
        let done = export(&["--output", out.to_str().unwrap()]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let mut names: Vec<_> = std::fs::read_dir(&out).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["core-upgrade.html", "index.html"]);
        // A web server that runs as somebody else may read them.
        #[cfg(unix)]
        for name in &names {
            use std::os::unix::fs::PermissionsExt;
            let plain = folder.path().join("plain");
            std::fs::write(&plain, "").unwrap();
            let rights = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(rights(&out.join(name)), rights(&plain) & 0o644, "{name}");
        }
        let html = std::fs::read_to_string(out.join("index.html")).unwrap();
        for said in ["财务核心升级", "Finance core upgrade", "进展会及时发布在这里", "Maintenance is in progress", "400-820-0000",
            "<style>", "default-src 'none'", "https://status.example.com/?lang=en"] {
            assert!(html.contains(said), "{said:?} is not in it");
        }
        for needed in ["<script", "src=\"", "<link", "url(http", "@import"] {
            assert!(!html.contains(needed), "it needs {needed}");
        }
        let one = export(&["--window", "core-upgrade", "--output", out.to_str().unwrap()]);
        assert!(one.status.success());
        assert_eq!(export(&["--window", "no-such", "--output", out.to_str().unwrap()]).status.code(), Some(4));
        assert_eq!(export(&[]).status.code(), Some(2));
    }
}
