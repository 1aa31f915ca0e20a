//! How pages look and what help says: what the operator sets is what readers see.

use interlude::domain::person::Role;

use crate::support::{Actor, Reply};

fn key() -> String {
    interlude::web::page::new_key()
}

/// A small picture in a form, as a browser sends it.
pub async fn send_logo(actor: &Actor, file: &[u8]) -> Reply {
    let mut body =
        b"--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"logo.png\"\r\n\r\n".to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "same-origin")];
    actor.send("post", "/admin/appearance/logo", &headers, body).await
}

pub fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbaImage::from_pixel(96, 56, image::Rgba([15, 110, 132, 120]));
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

story! {
    /// The operator's logo stands on every page, and can be taken away again.
    async fn the_operator_sets_a_logo(world) {
        let admin = world.staff(Role::Administrator);
        world.anyone().get("/logo").await.is(404);
        send_logo(&admin, b"no picture").await.shows_form_again("image").says("PNG, JPEG");
        send_logo(&admin, &png()).await.goes_to("/admin/appearance?done=saved");
        // Changing the rest leaves it.
        admin.post_form("/admin/appearance", &[("accent", "#0f6e84")]).await.goes_to("/admin/appearance?done=saved");
        let home = world.anyone().get("/").await.is(200).text();
        let named = home.split("src=\"").find_map(|part| part.split('"').next().filter(|p| p.starts_with("/logo?v=")));
        let logo = world.anyone().get(named.unwrap()).await.is(200);
        assert_eq!(logo.header("content-type"), "image/png");
        assert!(logo.header("cache-control").contains("immutable"));
        send_logo(&world.staff(Role::Operator), &png()).await.is(403);
        send_logo(&admin, b"").await.shows_form_again("image");
        let nothing = b"--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\"\r\n\r\n\r\n--edge--\r\n";
        let headers = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "same-origin")];
        admin.send("post", "/admin/appearance/logo", &headers, nothing.to_vec()).await.shows_form_again("image");
        admin.post_form("/admin/appearance/logo/remove", &[("confirm", "remove")]).await.goes_to("/admin/appearance?done=saved");
        world.anyone().get("/").await.is(200).lacks("/logo?v=");
        world.anyone().get("/logo").await.is(404);
    }

    /// A colour that can be read becomes the colour of every page; the footer stands below them.
    async fn the_operator_sets_colour_and_footer(world) {
        let admin = world.staff(Role::Administrator);
        world.anyone().get("/brand.css").await.is(404);
        world.anyone().get("/").await.is(200).lacks("brand.css");
        let typed = [("accent", "#0F6E84"), ("footer.zh-CN", "云帆财务"), ("footer.en", "[Imprint](https://example.com/imprint)")];
        admin.post_form("/admin/appearance", &typed).await.goes_to("/admin/appearance?done=saved");
        let home = world.anyone().get("/?lang=en").await.is(200);
        home.says(r#"href="/brand.css?v=0f6e84""#).says(r#"href="https://example.com/imprint""#).lacks("云帆财务");
        let sheet = world.anyone().get("/brand.css?v=0f6e84").await.is(200);
        assert!(sheet.header("cache-control").contains("immutable"));
        sheet.says("--accent:#0f6e84;").says("prefers-color-scheme:dark");
        // The product's own again.
        admin.post_form("/admin/appearance", &[("accent", "")]).await.goes_to("/admin/appearance?done=saved");
        world.anyone().get("/").await.is(200).lacks("brand.css").lacks("云帆财务");
        admin.get("/admin/audit").await.is(200).says("Changed the appearance");
    }

    /// Where the operator has a colour and a logo, nothing that others show of the service has the product's:
    /// no page, no file an installed page is made from, no banner, no badge.
    async fn the_operators_look_is_everywhere(world) {
        crate::windows::running(world).await;
        let (admin, anyone) = (world.staff(Role::Administrator), world.anyone());
        let frame = |text: &str| text.split("theme-color\" content=\"").nth(1).unwrap()[..7].to_owned();
        assert_eq!(frame(&anyone.get("/").await.is(200).text()), "#5c214a");
        assert_eq!(anyone.get_json("/embed.json").await["colour"], "#5c214a");
        let icons = anyone.get_json("/manifest.webmanifest").await["icons"].clone();
        assert_eq!(icons[0]["src"], "/assets/icon-192.png");
        anyone.get("/icons/192.png").await.is(404);
        let version = |script: &str| script.split("VERSION = \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let before = version(&anyone.get("/sw.js").await.is(200).text());

        admin.post_form("/admin/appearance", &[("accent", "#0f6e84")]).await.goes_to("/admin/appearance?done=saved");
        send_logo(&admin, &png()).await.goes_to("/admin/appearance?done=saved");
        for path in [
            "/", "/history", "/help", "/receipts", "/offline", "/report", "/windows/core-upgrade", "/login", "/nothing-here",
            "/windows/core-upgrade/report", "/embed/report", "/manifest.webmanifest", "/embed.json", "/embed.js", "/badge.svg",
            "/brand.css",
        ] {
            let text = anyone.get(path).await.text();
            for own in ["#5c214a", "#6b2a5b", "#4a173b", "/assets/icon-", "favicon.svg"] {
                assert!(!text.contains(own), "{path} has {own}");
            }
        }
        let colour = frame(&anyone.get("/").await.text());
        assert_eq!(anyone.get_json("/embed.json").await["colour"], colour);
        let manifest = anyone.get_json("/manifest.webmanifest").await;
        assert_eq!(manifest["theme_color"], colour);
        for (icon, side) in manifest["icons"].as_array().unwrap().iter().zip([192, 512, 512]) {
            let file = anyone.get(icon["src"].as_str().unwrap()).await.is(200);
            assert!(file.header("cache-control").contains("immutable"));
            let picture = image::load_from_memory(&file.bytes).unwrap().to_rgb8();
            assert_eq!(picture.dimensions(), (side, side), "{icon}");
            assert_eq!(picture.get_pixel(0, 0).0, [255; 3], "on white");
            assert_ne!(picture.get_pixel(side / 2, side / 2).0, [255; 3], "with the logo in the middle");
        }
        anyone.get("/icons/180.png").await.is(200);
        anyone.get("/icons/other.png").await.is(404);
        // Service workers take the look anew, and keep it.
        let script = anyone.get("/sw.js").await.is(200).says("\"/logo\"").says("\"/brand.css\"").says("/assets/report.js").text();
        assert_ne!(version(&script), before);
    }

    /// A colour that nobody could read is refused, with the nearest that can be, and what was typed stays.
    async fn a_colour_that_cannot_be_read_is_refused(world) {
        let admin = world.staff(Role::Administrator);
        let typed = [("accent", "#ffcc00"), ("footer.en", "Below everything")];
        admin.post_form("/admin/appearance", &typed).await.shows_form_again("accent")
            .says("1.3 : 1").says("#ffcc00").says("Below everything");
        for nonsense in ["red", "#12", "\u{0}", "#ffffffff"] {
            admin.post_form("/admin/appearance", &[("accent", nonsense)]).await.shows_form_again("accent");
        }
        let long = "页".repeat(1_001);
        let refused = admin.post_form("/admin/appearance", &[("footer.zh-CN", &long)]).await;
        refused.shows_form_again("footer.zh-CN");
        world.anyone().get("/brand.css").await.is(404);
        world.staff(Role::Operator).post_form("/admin/appearance", &typed).await.is(403);
    }

    /// Staff answer a built-in question in their own words, add one of their users' and take it back.
    async fn help_says_what_staff_know_better(world) {
        let operator = world.staff(Role::Operator);
        operator.get("/admin/help").await.is(200).says("Is my data safe?").says("Answered by the page itself.");
        let said = [("idempotency_key", key()), ("answer.zh-CN", "每晚**两份**备份。".into()), ("answer.en", "Two backups **every night**.".into())];
        let said: Vec<(&str, &str)> = said.iter().map(|(n, v)| (*n, v.as_str())).collect();
        operator.post_form("/admin/help/data", &said).await.goes_to("/admin/help?done=saved");
        let help = world.anyone().get("/help?lang=en").await.is(200);
        help.says("Two backups every night.").lacks("Nothing that you have saved is lost through maintenance");
        // Sent twice, added once.
        let once = key();
        let own = [("idempotency_key", once.as_str()), ("question.zh-CN", "能导出数据吗？"), ("answer.zh-CN", "可以。")];
        for _ in 0..2 {
            operator.post_form("/admin/help/new", &own).await.goes_to("/admin/help?done=saved");
        }
        let page = world.anyone().get("/help?lang=zh-CN").await.is(200);
        assert_eq!(page.text().matches("能导出数据吗").count(), 1);
        operator.post_form("/admin/help/100", &[("act", "remove"), ("confirm", "remove")]).await.goes_to("/admin/help?done=removed");
        world.anyone().get("/help?lang=zh-CN").await.is(200).lacks("能导出数据吗");
        operator.post_form("/admin/help/100", &[("act", "remove")]).await.is(404);
    }

    /// What is missing is said at its field; what is not there is not found.
    async fn help_refuses_what_is_no_answer(world) {
        let operator = world.staff(Role::Operator);
        let once = key();
        let typed = [("idempotency_key", once.as_str()), ("question.zh-CN", "问题？")];
        operator.post_form("/admin/help/new", &typed).await.shows_form_again("answer.zh-CN").says("问题？");
        let long = "x".repeat(5_001);
        let typed = [("idempotency_key", once.as_str()), ("answer.en", long.as_str())];
        operator.post_form("/admin/help/data", &typed).await.shows_form_again("answer.en");
        for nowhere in ["/admin/help/99", "/admin/help/nonsense", "/admin/help/-1"] {
            operator.get(nowhere).await.is(404);
        }
        world.staff(Role::Support).get("/admin/help").await.is(403);
        world.anyone().get("/admin/style").await.is(303);
        world.staff(Role::Viewer).get("/admin/style").await.is(200).says("Badges");
    }
}
