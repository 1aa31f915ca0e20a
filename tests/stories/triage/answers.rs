//! Canned answers: written in both languages, inserted in the reporter's, changed by one at a time.

use super::*;

story! {
    /// Written once, inserted in the language of the reporter, kept apart from what was typed.
    async fn canned_answers_are_inserted(world) {
        let staff = world.staff(Role::Support);
        let page = staff.get("/admin/answers").await.is(200).says("No canned answers yet").text();
        let key = hidden(&page, "idempotency_key");
        let form = [("idempotency_key", key.as_str()), ("title.zh-CN", "清缓存"), ("title.en", "Clear the cache"), ("body.zh-CN", "请清除缓存后重试（{reference}）。"), ("body.en", "Please clear the cache.")];
        staff.post_form("/admin/answers", &form).await.goes_to("/admin/answers?done=added");
        // Sent twice, it is there once.
        staff.post_form("/admin/answers", &form).await.goes_to("/admin/answers?done=added");
        let list = staff.get("/admin/answers").await.is(200).says("Clear the cache").text();
        assert_eq!(list.matches("href=\"/admin/answers/").count(), 1);
        let (reference, _) = send(world, "登录不了");
        let path = format!("/admin/reports/{reference}");
        // In the reporter's language, with its reference, whatever support reads.
        staff.get(&path).await.is(200).says("The reporter reads").says(&format!("请清除缓存后重试（{reference}）。"));
        let kept = staff.post_form(&path, &[("insert", "1"), ("canned", "1"), ("answer", "您好！")]).await.is(200);
        kept.says("您好！").says("请清除缓存后重试");
        let report = world.program(Role::Viewer).get_json(&format!("/api/v1/reports/{reference}")).await;
        assert_eq!(report["first_answer_at"], json!(null));
        world.staff(Role::Viewer).get("/admin/answers").await.is(403);
    }

    /// Of two who change one, the later is shown what the first wrote; nothing is overwritten unseen.
    async fn two_people_change_one(world) {
        let (one, two) = (world.staff(Role::Support), world.staff(Role::Support));
        let page = one.get("/admin/answers").await.text();
        let key = hidden(&page, "idempotency_key");
        one.post_form("/admin/answers", &[("idempotency_key", key.as_str()), ("title.zh-CN", ""), ("body.zh-CN", "正文")]).await.shows_form_again("title.zh-CN").says("正文");
        one.post_form("/admin/answers", &[("idempotency_key", key.as_str()), ("title.zh-CN", "题"), ("body.zh-CN", &"长".repeat(2_001))]).await.shows_form_again("body.zh-CN");
        one.post_form("/admin/answers", &[("idempotency_key", key.as_str()), ("title.zh-CN", "题"), ("body.zh-CN", "正文")]).await.is(303);
        let revision = hidden(&two.get("/admin/answers/1").await.is(200).text(), "revision");
        let form = |body: &'static str| [("revision", revision.clone()), ("title.zh-CN", "题".into()), ("body.zh-CN", body.into())];
        let send = async |actor: &Actor, form: &[(&str, String)]| {
            let borrowed: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
            actor.post_form("/admin/answers/1", &borrowed).await
        };
        send(&one, &form("一号写的")).await.goes_to("/admin/answers?done=changed");
        let refused = send(&two, &form("二号写的")).await.is(409).says("A colleague changed this answer").says("一号写的").says("二号写的").text();
        let again = [("revision", hidden(&refused, "revision")), ("title.zh-CN", "题".into()), ("body.zh-CN", "二号写的".into())];
        send(&two, &again).await.goes_to("/admin/answers?done=changed");
        send(&one, &[("act", "remove".into()), ("revision", "2".into())]).await.is(409);
        send(&one, &[("act", "remove".into()), ("revision", "3".into()), ("confirm", "题".into())]).await.goes_to("/admin/answers?done=removed");
        one.get("/admin/answers/1").await.is(404);
        one.get("/admin/answers/nonsense").await.is(404);
        counts_hold(world);
    }
}
