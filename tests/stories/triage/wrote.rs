//! Reporters who write after the last answer: seen in the queue, counted, weighed, and answered.

use super::*;

async fn writes(world: &World, link: &str, text: &str) {
    let key = format!("{:032x}", rand::random::<u128>());
    let fields = [("message", text), ("idempotency_key", key.as_str())];
    world.anyone().post_form(&format!("/receipts/{link}/messages"), &fields).await.is(303);
}

story! {
    /// What is written after an answer is a reason, a number and a filter, until it is answered.
    async fn who_writes_after_an_answer_is_seen(world) {
        let (a, a_link) = send(world, "登录不了");
        let (b, b_link) = send(world, "也登录不了");
        let (program, staff) = (world.program(Role::Support), world.staff(Role::Support));
        let path = format!("/api/v1/reports/{a}");
        let before = program.get_json(&path).await["urgency"].as_i64().unwrap();
        // Whoever waits for the first answer waits anyway.
        writes(world, &b_link, "第二次").await;
        staff.get("/admin/").await.is(200).lacks("wrote again");
        assert!(found(&program, "wrote=again").await.is_empty());
        program.patch_json(&path, json!({"answer": "Try again"})).await.is(200);
        writes(world, &a_link, "还是不行").await;
        writes(world, &a_link, "真的不行").await;
        let now = program.get_json(&path).await;
        assert_eq!((&now["wrote_again"], now["urgency"].as_i64().unwrap()), (&json!(true), before + 30));
        assert!(now["urgency_reasons"].to_string().contains("wrote"));
        assert_eq!(found(&program, "wrote=again").await, std::slice::from_ref(&a));
        staff.get("/admin/").await.is(200).says("1 reporter wrote again").says("/admin/reports?wrote=again");
        staff.get("/admin/reports").await.is(200).says("· wrote again");
        staff.get("/admin/reports?wrote=again").await.is(200).says(&a).lacks(&b);
        staff.get("/admin/reports?wrote=nonsense").await.is(422);
        let csv = staff.get("/admin/exports/reports.csv?wrote=again").await.is(200).text();
        assert!(csv.contains(&a) && !csv.contains(&b));
        staff.post_form("/admin/filters", &[("name", "x"), ("query", "wrote=again&evil=1")]).await.goes_to("/admin/reports?wrote=again");
        program.patch_json(&path, json!({"answer": "Now?"})).await.is(200);
        assert!(found(&program, "wrote=again").await.is_empty());
        assert_eq!(program.get_json(&path).await["urgency"], before);
        counts_hold(world);
    }

    /// What is done is found as well, and need not be answered.
    async fn what_is_done_is_found_too(world) {
        let (a, link) = send(world, "登录不了");
        let (program, staff) = (world.program(Role::Support), world.staff(Role::Support));
        let path = format!("/api/v1/reports/{a}");
        program.patch_json(&path, json!({"status": "resolved"})).await.is(200);
        writes(world, &link, "谢谢！").await;
        let now = program.get_json(&path).await;
        assert_eq!((&now["status"], &now["urgency"], &now["urgency_reasons"]), (&json!("resolved"), &json!(0), &json!([{"reason": "wrote"}])));
        staff.get("/admin/reports?status=open").await.is(200).says("/admin/reports?wrote=again");
        staff.get("/admin/reports?wrote=again").await.is(200).says(&a).says("wrote again");
        let page = staff.get(&format!("/admin/reports/{a}")).await.is(200).says("Wrote again").says("Needs no answer").text();
        let form = [("revision", hidden(&page, "revision")), ("seen", hidden(&page, "seen")), ("heard", "1".to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        staff.post_form(&format!("/admin/reports/{a}"), &form).await.is(303);
        staff.get(&format!("/admin/reports/{a}")).await.says("no answer needed").lacks("Wrote again");
        assert!(found(&program, "wrote=again").await.is_empty());
        // Written again it is there again; erased it is not.
        writes(world, &link, "还有一个问题").await;
        assert_eq!(found(&program, "wrote=again").await.len(), 1);
        world.anyone().delete(&format!("/api/v1/receipts/{link}")).await.is(204);
        assert!(found(&program, "wrote=again").await.is_empty());
        counts_hold(world);
    }
}
