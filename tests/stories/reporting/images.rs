//! Pictures on a receipt: what is taken, who sees it, and that it goes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use interlude::domain::person::Role;
use interlude::store::{audit, jobs, verify};
use serde_json::json;

use super::{night, reported};
use crate::support::process::Start;
use crate::support::{Actor, Reply, insist};

/// A picture of this colour, as a telephone makes it.
fn png(colour: u8) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(40, 30, image::Rgb([colour, 80, 160]));
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Sends files as the form of the receipt does.
async fn send(actor: &Actor, receipt: &str, files: &[(&str, &[u8])]) -> Reply {
    let mut body = Vec::new();
    for (name, file) in files {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
        body.extend_from_slice(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "same-origin")];
    actor.send("post", &format!("{receipt}/images"), &headers, body).await
}

/// Where the pictures of this page are.
fn shown(page: &Reply, receipt: &str) -> Vec<String> {
    let text = page.text();
    let mark = format!("<img src=\"{receipt}/images/");
    text.split(&mark)
        .skip(1)
        .map(|rest| format!("{receipt}/images/{}", rest.split('"').next().unwrap()))
        .collect()
}

async fn api(actor: &Actor, receipt: &str, file: Vec<u8>) -> Reply {
    actor.send("post", &format!("/api/v1{receipt}/images"), &[("content-type", "image/png")], file).await
}

story! {
    /// Pictures are added by a form without script, shown to their reporter alone, and removed.
    async fn pictures_are_added_and_removed(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let mut hiding = png(1);
        hiding.extend(b"<script>hidden</script>");
        let sent = send(&user, &receipt, &[("a.png", &hiding), ("b.png", &png(2)), ("", b"")]).await;
        sent.goes_to(&format!("{receipt}?done=image#images"));
        let page = user.get(&receipt).await.is(200).says("You added a screenshot").says("one more is possible");
        let images = shown(&page, &receipt);
        assert_eq!(images.len(), 2);
        let one = user.get(&images[0]).await.is(200);
        assert_eq!(one.header("content-type"), "image/png");
        assert_eq!(one.header("x-content-type-options"), "nosniff");
        assert_eq!(one.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(one.header("cache-control"), "no-store");
        assert_eq!(one.header("referrer-policy"), "same-origin");
        assert!(one.header("content-disposition").starts_with("inline; filename=\"screenshot-"));
        assert!(!one.bytes.windows(6).any(|w| w == b"hidden") && one.bytes.starts_with(b"\x89PNG"));

        // Another reporter has another receipt, and a picture is only below its own.
        let other = reported(&user, &[("description", "支付失败")]).await;
        let id = images[0].rsplit('/').next().unwrap();
        user.get(&format!("{other}/images/{id}")).await.is(404);
        user.post_form(&format!("{other}/images/{id}/remove"), &[]).await.is(303);
        user.get(&images[0]).await.is(200);
        user.get("/receipts/R-7KQ4M2-AAAA/images/1").await.is(404);
        user.get(&format!("{receipt}/images/x")).await.is(404);

        user.post_form(&format!("{}/remove", images[0]), &[]).await.goes_to(&format!("{receipt}?done=image_removed"));
        user.get(&images[0]).await.is(404);
        let page = user.get(&format!("{receipt}?done=image_removed")).await.says("gone for good").says("A screenshot was removed");
        assert_eq!(shown(&page, &receipt), images[1..]);
        assert_eq!(world.read(verify::verify).findings, vec![]);
    }

    /// What cannot be taken is named, and what was good before it stays.
    async fn what_is_no_picture_is_named(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        send(&user, &receipt, &[]).await.shows_form_again("image").says("Please choose a picture first");
        send(&user, &receipt, &[("", b"")]).await.shows_form_again("image");
        let sets: &[(&[u8], &str)] = &[
            (b"", "This file is empty"),
            (b"GIF89a\x01\0\x01\0\0\0\0;", "not a picture that we can read"),
            (b"<svg onload=alert(1)>", "not a picture that we can read"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "damaged or incomplete"),
            (b"\xff\xd8\xff\xe0\0", "damaged or incomplete"),
        ];
        for (file, says) in sets {
            send(&user, &receipt, &[("x.png", file)]).await.shows_form_again("image").says(says);
        }
        send(&user, &receipt, &[("good.png", &png(9)), ("bad.png", b"no")]).await.shows_form_again("image");
        let large = vec![0u8; 12 * 1024 * 1024 + 1];
        send(&user, &receipt, &[("large.png", &large)]).await.shows_form_again("image").says("larger than 12 MB");
        api(&user, &receipt, large).await.shows_problem(422, "image");
        let page = user.get(&receipt).await;
        assert_eq!(shown(&page, &receipt).len(), 1);
        send(&user, &receipt, &[("1.png", &png(10)), ("2.png", &png(11))]).await.is(303);
        send(&user, &receipt, &[("3.png", &png(12))]).await.is(422).says("A report can have 3 screenshots");
        user.get(&receipt).await.says("as many screenshots as it can have");

        for (kind, body) in [("multipart/form-data", &b"--x"[..]), ("multipart/form-data; boundary=x", b"--x\r\nnonsense"), ("text/plain", b"x"), ("multipart/form-data; boundary=x", b"\0\0")] {
            let other = reported(&user, &[("description", &format!("{kind} {}", body.len()))]).await;
            let reply = user.send("post", &format!("{other}/images"), &[("content-type", kind), ("sec-fetch-site", "same-origin")], body.to_vec()).await;
            assert!((400..500).contains(&reply.status), "{kind}: {}", reply.status);
        }
    }

    /// Programs add pictures as well; the same one again is the same. Support sees and removes them.
    async fn programs_and_support(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let added = api(&user, &receipt, png(1)).await.is(201).json();
        assert_eq!((&added["media_type"], &added["width"], &added["height"]), (&json!("image/png"), &json!(40), &json!(30)));
        assert_eq!(api(&user, &receipt, png(1)).await.is(201).json(), added);
        let second = api(&user, &receipt, png(2)).await.is(201).json();
        api(&user, &receipt, png(3)).await.is(201);
        api(&user, &receipt, png(4)).await.shows_problem(422, "image");
        api(&user, "/receipts/R-7KQ4M2-AAAA", png(1)).await.is(404);
        let held = user.get_json(&format!("/api/v1{receipt}")).await;
        assert_eq!(held["images"].as_array().unwrap().len(), 3);
        assert_eq!(held["images"][0], added);
        // What is taken along has the files in it.
        let mut data = user.get(&format!("{receipt}/data.json")).await.is(200).json();
        for image in data["images"].as_array_mut().unwrap() {
            let content = image.as_object_mut().unwrap().remove("content").unwrap();
            let file = user.get(&format!("{receipt}/images/{}", image["id"])).await.is(200).bytes;
            assert_eq!(BASE64.decode(content.as_str().unwrap()).unwrap(), file);
        }
        assert_eq!(data["images"], held["images"]);
        let own = format!("/api/v1{receipt}/images/{}", second["id"]);
        assert_eq!(user.get(&own).await.is(200).header("content-type"), "image/png");
        user.delete(&own).await.is(204);
        user.delete(&own).await.is(204);
        user.get(&own).await.is(404);

        let reference = held["reference"].as_str().unwrap().to_owned();
        let (viewer, support) = (world.staff(Role::Viewer), world.staff(Role::Support));
        let at = format!("/admin/reports/{reference}/images/{}", added["id"]);
        viewer.get(&at).await.is(403);
        viewer.get(&format!("/admin/reports/{reference}")).await.is(200).says("2 screenshots, which support can see").lacks("<img");
        viewer.post_form(&format!("{at}/remove"), &[]).await.is(403);
        world.program(Role::Viewer).get(&format!("/api/v1/reports/{reference}/images/{}", added["id"])).await.is(403);
        support.get(&format!("/admin/reports/{reference}")).await.is(200).says(&format!("<img src=\"{at}\""));
        assert_eq!(support.get(&at).await.is(200).header("content-security-policy"), "default-src 'none'; sandbox");
        let program = world.program(Role::Support);
        let listed = program.get_json(&format!("/api/v1/reports/{reference}")).await;
        assert_eq!(listed["images"].as_array().unwrap().len(), 2);
        program.get(&format!("/api/v1/reports/{reference}/images/{}", added["id"])).await.is(200);
        support.post_form(&format!("{at}/remove"), &[("confirm", &reference)]).await.is(303);
        support.get(&at).await.is(404);
        support.post_form(&format!("{at}/remove"), &[]).await.is(404);
        let acts = world.read(|c| audit::list(c, None, 50));
        let removed = acts.iter().filter(|a| a.action == "report.image.remove" && a.thing == reference);
        let by: Vec<&str> = removed.map(|a| a.actor.as_str()).collect();
        assert_eq!(by.len(), 2);
        assert!(by[0].starts_with("person:support-") && by[1] == "reporter", "{by:?}");

        // Erased, nothing of them is left, not even in a table.
        user.delete(&format!("/api/v1{receipt}")).await.is(204);
        world.read(|c| {
            use diesel::prelude::*;
            assert_eq!(interlude::store::schema::report_images::table.count().get_result::<i64>(c)?, 0);
            Ok(())
        });
        let _ = world.read(|c| jobs::due(c, interlude::domain::instant::Instant::now()));
        assert_eq!(world.read(verify::verify).findings, vec![]);
    }

    /// Two at once do not get one picture too many in.
    async fn senders_at_once_keep_to_the_limit(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let all = futures_util::future::join_all((0..6).map(|n| {
            let (user, receipt) = (&user, &receipt);
            insist(&[503], async move || api(user, receipt, png(n * 30)).await)
        })).await;
        let mut statuses: Vec<u16> = all.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 3, "{statuses:?}");
        let held = user.get_json(&format!("/api/v1{receipt}")).await;
        assert_eq!(held["images"].as_array().unwrap().len(), 3);
    }

    /// The page says where the report stands, what is promised, and exactly what erasing takes.
    async fn the_receipt_says_where_it_stands(world) {
        night(world, None);
        let user = world.anyone();
        let receipt = reported(&user, &[]).await;
        let page = user.get(&receipt).await.is(200);
        let page = page.says("Where it stands").says("nobody has looked at it yet").says("answers by");
        let page = page.says("your screenshots").says("our answers, your messages and our notes").says("What stays is a count");
        let page = page.says("QR code of the private link").lacks("http-equiv");
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
        let reference = user.get_json(&format!("/api/v1{receipt}")).await["reference"].as_str().unwrap().to_owned();
        let support = world.program(Role::Support);
        support.patch_json(&format!("/api/v1/reports/{reference}"), json!({"status": "waiting"})).await.is(200);
        let chinese = world.anyone().reading_chinese().get(&receipt).await.is(200);
        chinese.says("需要您补充信息").says("您反馈的问题").says("处理到哪一步了");
    }
}

/// What was typed on a receipt is kept when the database is away.
#[test]
fn what_was_typed_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interlude.db");
    let database = interlude::store::connection::Database::Sqlite(path.clone());
    let process = Start::on(&database, folder.path()).go();
    let key = "a-key-of-22-characters-q";
    let sent = process.report(key, "database goes away").unwrap().json();
    let url = sent["receipt_url"].as_str().unwrap();
    let receipt = url.trim_start_matches("http://interlude.example").to_owned();
    std::fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let post = |what: &str, body: &str| {
        crate::support::raw::ask(
            &process.address,
            "POST",
            &format!("{receipt}/{what}"),
            &kind,
            body.as_bytes(),
        )
        .unwrap()
    };
    let message = post("messages", &format!("idempotency_key={key}x&message=still+broken+%26+slow"));
    let text = message.text();
    assert_eq!(message.status, 503, "{text}");
    assert!(
        text.contains("still broken &#38; slow") && text.contains(&format!("action=\"{receipt}/messages\"")),
        "{text}"
    );
    assert!(text.contains(&format!("value=\"{key}x\"")) && message.header("retry-after").is_some());
    let contact = post("contact", "phone=400-820-1234&email=");
    assert!(contact.status == 503 && contact.text().contains("value=\"400-820-1234\""), "{}", contact.text());
    std::fs::rename(folder.path().join("elsewhere.db"), &path).unwrap();
}
