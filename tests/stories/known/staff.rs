//! Known issues on the pages of staff: from a report to the answer, and the figure of a window.

use interlude::domain::person::Role;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::{Status, Verdict};

use super::{issue, judged, link, nothing_is_wrong, reports};
use crate::support::Reply;

fn key_in(page: &Reply) -> String {
    let text = page.text();
    text.split("name=\"idempotency_key\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn seen_in(page: &Reply) -> String {
    page.text().split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

story! {
    /// The share of confirmed fixes is told from the least number on that an administrator has set.
    async fn confirmed_fixes_follow_the_least_number(world) {
        let known = issue(world);
        link(world, known, &judged(world, 3, Status::New, Some(Verdict::Fixed)));
        let administrator = world.staff(Role::Administrator);
        let here = format!("/admin/known-issues/{known}");
        administrator.get(&here).await.is(200).lacks("95% interval");
        administrator.post_form("/admin/settings/figures", &[("minimum_n", "3")]).await.is(303);
        administrator.get(&here).await.is(200).says("100.0% (95% interval 43.9% to 100.0%)");
    }

    async fn similar_reports_become_one_known_issue_and_get_one_answer(world) {
        let support = world.staff(Role::Support);
        let ids = reports(world, 3, Status::New);
        let names: Vec<String> = ids.iter().map(|id| ReportReference(*id).to_string()).collect();
        // The others say the same, so they are proposed.
        let report = format!("/admin/reports/{}", names[0]);
        support.get(&report).await.is(200).says("Similar reports").says(&names[1]).says(&names[2]);
        let on = support.post_form(&format!("{report}/known-issue"), &[("act", "new"), ("similar", names[1].as_str())]).await.is(303);
        assert_eq!(on.location(), format!("/admin/known-issues/new?report={}&report={}", names[0], names[1]));
        let form = support.get(on.location()).await.is(200).says("2 reports will be linked").says("验证码收不到");
        let key = key_in(&form);
        let fields = [("idempotency_key", key.as_str()), ("title.en", ""), ("status", "investigating"), ("report", names[0].as_str()), ("report", names[1].as_str()), ("public", "on")];
        support.post_form("/admin/known-issues/new", &fields).await.is(422).says("title");
        let fields = [("idempotency_key", key.as_str()), ("title.en", "No SMS codes"), ("title.zh-CN", "验证码收不到"), ("workaround.en", "Use the password"), ("status", "investigating"), ("report", names[0].as_str()), ("report", names[1].as_str()), ("public", "on")];
        let made = support.post_form("/admin/known-issues/new", &fields).await.is(303);
        let again = support.post_form("/admin/known-issues/new", &fields).await.is(303);
        assert_eq!(made.location(), again.location());
        let here = made.location().split('?').next().unwrap().to_owned();
        // The third one is proposed there, and linked by hand.
        let page = support.get(&here).await.is(200).says("2 linked reports").says(names[2].as_str());
        support.post_form(&here, &[("act", "link"), ("references", "nonsense")]).await.shows_form_again("references");
        support.post_form(&here, &[("act", "link"), ("references", "R-7KQ4M2")]).await.shows_form_again("references");
        support.post_form(&here, &[("act", "link")]).await.shows_form_again("references");
        support.post_form(&here, &[("act", "link"), ("references", names[2].as_str())]).await.is(303);
        support.get(&report).await.says("No SMS codes");
        support.post_form(&format!("{report}/known-issue"), &[("known_issue", "")]).await.is(303);
        support.post_form(&here, &[("act", "link"), ("report", names[0].as_str())]).await.is(303);
        support.post_form(&here, &[("act", "unlink"), ("report", names[1].as_str())]).await.is(303);
        // One answer for everybody.
        support.post_form(&here, &[("act", "resolve"), ("answer.en", " "), ("answer.zh-CN", "")]).await.is(422);
        let seen = seen_in(&page);
        support.post_form(&here, &[("act", "resolve"), ("seen", &seen), ("answer.en", "Fixed now"), ("confirm", "1")]).await.is(303);
        support.post_form(&here, &[("act", "resolve"), ("seen", &seen), ("answer.en", "Fixed now")]).await.is(409).says("Nothing was done");
        interlude::jobs::tick(&world.store, false).await.unwrap();
        support.get(&here).await.says("2 of 2 told").says("Fixed now");
        support.get(&report).await.says("Fixed now").says("Resolved");
        support.post_form(&here, &[("act", "reopen"), ("status", "monitoring")]).await.is(303);
        support.get(&here).await.says("Being watched");
        support.get("/admin/known-issues?status=open").await.is(200).says("No SMS codes");
        support.get("/admin/known-issues?status=nonsense").await.is(200).says("Nothing matches");
    support.get("/admin/known-issues?state=open").await.is(422);
        nothing_is_wrong(world);
    }

    async fn two_people_at_once_do_not_overwrite_each_other(world) {
        let (one, other) = (world.staff(Role::Support), world.staff(Role::Support));
        let path = format!("/admin/known-issues/{}/edit", issue(world));
        let seen = seen_in(&one.get(&path).await.is(200).says("验证码收不到"));
        let fields = [("status", "identified"), ("public", "on"), ("component", "login")];
        let with = |title, seen| [&fields[..], &[("title.en", title), ("seen", seen)]].concat();
        one.post_form(&path, &with("First", seen.as_str())).await.is(303);
        let late = other.post_form(&path, &with("Second", seen.as_str())).await.is(409).says("Somebody else has changed").says("Second");
        let newer = seen_in(&late);
        other.post_form(&path, &with("Second", newer.as_str())).await.is(303);
        one.get(path.trim_end_matches("/edit")).await.says("Second").says("Cause found");
    }

    async fn viewers_look_and_do_not_touch(world) {
        let viewer = world.staff(Role::Viewer);
        let here = format!("/admin/known-issues/{}", issue(world));
        viewer.get("/admin/known-issues").await.is(200).says("No SMS codes").lacks("/admin/known-issues/new");
        viewer.get(&here).await.is(200).lacks("value=\"resolve\"");
        viewer.post_form(&here, &[("act", "resolve"), ("answer.en", "x")]).await.is(403);
        viewer.get(&format!("{here}/edit")).await.is(403);
    }
}
