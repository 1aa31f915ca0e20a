//! The queue as people work with it: the report beside it, what is new, orders, filters under a name,
//! exports as seen.

use super::*;

/// The references in the order in which the table shows them.
fn shown(page: &str) -> Vec<String> {
    let cells = page.split("<td class=\"lead-cell\">").skip(1);
    cells.map(|r| r.split("</a>").next().unwrap().rsplit('>').next().unwrap().to_owned()).collect()
}

story! {
    /// A report stands beside the list that one came from; what is done there leads back there, and a
    /// conflict is shown as on its own page.
    async fn the_report_stands_beside_the_list(world) {
        let (reference, _) = send(world, "登录不了");
        let staff = world.staff(Role::Support);
        let page = staff.get(&format!("/admin/reports?impact=blocked&open={reference}")).await.is(200).says("登录不了").text();
        assert!(page.contains("id=\"pane\"") && page.contains("name=\"pane\"") && page.contains("aria-current=\"true\""));
        let (revision, seen) = (hidden(&page, "revision"), hidden(&page, "seen"));
        let list: String = form_urlencoded::byte_serialize(b"impact=blocked").collect();
        let path = format!("/admin/reports/{reference}?list={list}");
        let form = [("pane", "1"), ("revision", revision.as_str()), ("seen", &seen), ("was_status", "new"), ("was_assignee", ""), ("assignee", "- me")];
        staff.post_form(&path, &form).await.goes_to(&format!("/admin/reports?impact=blocked&open={reference}&done=1"));
        let after = staff.get(&format!("/admin/reports?impact=blocked&open={reference}&done=1")).await.is(200).says("Saved.").says("support-1");
        after.lacks("value=\"- me\"");
        let late = world.staff(Role::Support);
        late.post_form(&path, &form).await.is(409).says("was changed while you were typing").says("support-1");
        let beside = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin"), ("x-pane", "1")];
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let refused = late.send("post", &path, &beside, body.into_bytes()).await.is(409);
        assert!(refused.text().contains("data-pane"));
        // What there is not beside it is not there.
        staff.get("/admin/reports?open=R-ZZZZZZ").await.is(200).says(&reference);
        staff.get("/admin/reports?open=nonsense%00").await.is(200);
        staff.get("/admin/reports?assignee=me").await.is(200).says(&reference);
        late.get("/admin/reports?assignee=me").await.is(200).lacks(&reference);
        let program = world.program(Role::Viewer);
        assert_eq!(found(&program, "assignee=support-1").await, std::slice::from_ref(&reference));
        assert!(found(&program, "assignee=me").await.is_empty());
        assert!(found(&program, "assignee=-").await.is_empty());
        program.get("/api/v1/reports?assignee=gone").await.shows_problem(422, "assignee");
    }

    /// What came in since is said as a number, only if it fits the filter, and not again if nothing
    /// is new.
    async fn news_are_a_number(world) {
        send(world, "登录不了");
        let staff = world.staff(Role::Viewer);
        let page = staff.get("/admin/reports?impact=blocked").await.is(200).text();
        let address = page.split("data-news=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        let none = staff.get(&address).await.is(200);
        assert_eq!((&none.json()["reports"], &none.json()["text"]), (&json!(0), &json!("")));
        let tag = none.header("etag").to_owned();
        staff.send("get", &address, &[("if-none-match", &tag)], vec![]).await.is(304);
        put(world, vec![report("慢", Instant::now())]);
        staff.send("get", &address, &[("if-none-match", &tag)], vec![]).await.is(304);
        send(world, "还是登录不了");
        send(world, "也登录不了");
        let two = staff.send("get", &address, &[("if-none-match", &tag)], vec![]).await.is(200);
        assert_eq!((&two.json()["reports"], &two.json()["text"]), (&json!(2), &json!("2 new reports")));
        staff.get("/admin/reports/news?since=x").await.is(422);
        staff.get("/admin/reports/news").await.is(422);
    }

    /// Every column that can be sorted is, both ways, in the address; and the export comes as seen.
    async fn tables_are_sorted_and_exported_as_seen(world) {
        let t = at("2026-11-21T16:00:00Z");
        let (a, b) = (component(world, "alpha"), component(world, "beta"));
        world.staff(Role::Support);
        let about = |component, impact, severity, status, i: i64| Imported { component, impact, severity, status, ..report("x", t.plus_seconds(i)) };
        let all = put(world, vec![
            about(Some(b), Impact::Cosmetic, Some(Severity::Critical), Status::Waiting, 0),
            about(None, Impact::DataLoss, None, Status::New, 1),
            about(Some(a), Impact::Slowed, Some(Severity::Low), Status::Closed, 2),
        ]);
        let staff = world.staff(Role::Support);
        let is = async |sort: &str, which: &[usize]| {
            let page = staff.get(&format!("/admin/reports?sort={sort}")).await.is(200).text();
            let wanted: Vec<String> = which.iter().map(|i| all[*i].clone()).collect();
            assert_eq!(shown(&page), wanted, "{sort}");
        };
        is("urgent", &[0, 1, 2]).await;
        is("calm", &[2, 1, 0]).await;
        is("newest", &[2, 1, 0]).await;
        is("oldest", &[0, 1, 2]).await;
        is("status", &[1, 0, 2]).await;
        is("status_last", &[2, 0, 1]).await;
        is("impact", &[1, 2, 0]).await;
        is("severity", &[0, 2, 1]).await;
        is("component", &[2, 0, 1]).await;
        is("occurred_first", &[0, 1, 2]).await;
        is("assignee", &[2, 1, 0]).await;
        staff.get("/admin/reports?sort=sideways").await.is(422);
        staff.get("/admin/reports?sort=status").await.says("aria-sort=\"ascending\"");
        let csv = async |sort: &str| {
            let text = staff.get(&format!("/admin/exports/reports.csv?{sort}")).await.is(200).text();
            let lines = text.trim_start_matches('\u{feff}').lines().skip(1).map(|l| l.split(',').next().unwrap().to_owned());
            lines.collect::<Vec<_>>()
        };
        assert_eq!(csv("sort=impact").await, [1, 2, 0].map(|i: usize| all[i].clone()));
        assert_eq!(csv("sort=urgent&status=open").await, [0, 1].map(|i: usize| all[i].clone()));
        assert_eq!(csv("").await, all);
        staff.get("/admin/exports/reports.csv?sort=sideways").await.is(422);
        staff.get("/admin/exports/windows.csv?sort=newest").await.is(422);
    }

    /// A filter is kept under a name, one's own or shared; what is shared is forgotten by its owner alone.
    async fn filters_are_kept_under_a_name(world) {
        component(world, "login");
        let (one, two) = (world.staff(Role::Viewer), world.staff(Role::Support));
        let save = async |actor: &Actor, form: &[(&str, &str)]| actor.post_form("/admin/filters", form).await;
        save(&one, &[("name", "登录，未完成"), ("query", "component=login&status=open&sort=due&cursor=x&evil=1"), ("shared", "yes")])
            .await.goes_to("/admin/reports?component=login&status=open&sort=due");
        save(&one, &[("name", "我的"), ("query", "assignee=me")]).await.goes_to("/admin/reports?assignee=me");
        one.get("/admin/reports").await.is(200).says("登录，未完成").says("我的");
        let seen = two.get("/admin/reports").await.is(200).says("登录，未完成").says("viewer-1").lacks("我的");
        seen.says("/admin/reports?component=login&#38;status=open&#38;sort=due");
        two.post_form("/admin/filters/1", &[]).await.is(404);
        // The same name again is the same filter.
        save(&one, &[("name", "我的"), ("query", "status=new")]).await.is(303);
        let list = one.get("/admin/filters").await.is(200).says("2 saved filters").text();
        assert!(list.contains("/admin/reports?status=new"));
        save(&one, &[("name", " "), ("query", "status=new")]).await.shows_form_again("name");
        save(&one, &[("name", "坏的"), ("query", "status=nonsense")]).await.shows_form_again("query").says("坏的");
        save(&one, &[("name", &"长".repeat(61)), ("query", "")]).await.shows_form_again("name");
        one.post_form("/admin/filters/1", &[("confirm", "登录，未完成")]).await.goes_to("/admin/filters?done=forgotten");
        two.get("/admin/reports").await.is(200).lacks("登录，未完成");
        world.program(Role::Viewer).post_form("/admin/filters", &[("name", "x"), ("query", "")]).await.is(409);
    }
}
