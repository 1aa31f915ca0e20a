//! What staff press twice on a known issue, or two at once the other way round.

use diesel::prelude::*;
use futures_util::future::join;
use interlude::domain::person::Role;
use interlude::domain::reference::ReportReference;
use interlude::domain::report::Status;
use interlude::store::known_issues::{self, EventKind};
use interlude::store::people::Actor as StoreActor;
use interlude::store::schema::known_issue_events;

use super::{issue, link, nothing_is_wrong, reports};
use crate::support::{Actor, Reply, World, insist};

/// The hidden key of the form with this in it.
fn key_beside(page: &Reply, what: &str) -> String {
    let text = page.text();
    let form =
        text.split("<form").find(|form| form.contains(what)).unwrap_or_else(|| panic!("{what}: {text}"));
    let key = form.split("name=\"idempotency_key\" value=\"").nth(1).expect("a key in the form");
    key.split('"').next().unwrap().to_owned()
}

/// Two presses at once, and one that comes late. All lead to the same page.
async fn press(actor: &Actor, path: &str, fields: &[(&str, &str)]) {
    // A slow machine may let the second one wait in vain for the first, and say so.
    let once = async || insist(&[409, 503], async || actor.post_form(path, fields).await).await.is(303);
    let (one, other) = join(once(), once()).await;
    assert_eq!(one.location(), other.location());
    once().await.goes_to(one.location());
}

/// How often this happened to a known issue.
fn happened(world: &World, issue: i64, kind: EventKind) -> i64 {
    world.read(|c| {
        let events = known_issue_events::table.filter(known_issue_events::known_issue_id.eq(issue));
        Ok(events.filter(known_issue_events::kind.eq(kind)).count().get_result(c)?)
    })
}

fn linked(world: &World, issue: i64) -> i64 {
    world.read(|c| known_issues::by_id(c, issue)).fact.reports
}

story! {
    /// A late press does not undo what somebody did after the first one.
    async fn reports_are_linked_and_unlinked_once(world) {
        let support = world.staff(Role::Support);
        let known = issue(world);
        let ids = reports(world, 2, Status::New);
        let (first, second) = (ReportReference(ids[0]).to_string(), ReportReference(ids[1]).to_string());
        let here = format!("/admin/known-issues/{known}");

        let key = key_beside(&support.get(&here).await.is(200), "name=\"references\"");
        let by_name = [("idempotency_key", key.as_str()), ("act", "link"), ("references", first.as_str())];
        press(&support, &here, &by_name).await;
        assert_eq!((linked(world, known), happened(world, known, EventKind::Linked)), (1, 1));

        let key = key_beside(&support.get(&here).await.is(200), "value=\"unlink\"");
        let off = [("idempotency_key", key.as_str()), ("act", "unlink"), ("report", first.as_str())];
        press(&support, &here, &off).await;
        assert_eq!((linked(world, known), happened(world, known, EventKind::Unlinked)), (0, 1));
        support.post_form(&here, &by_name).await.is(303);
        assert_eq!(linked(world, known), 0);

        // From the report.
        let report = format!("/admin/reports/{second}");
        let key = key_beside(&support.get(&report).await.is(200), "name=\"known_issue\"");
        let (number, to) = (known.to_string(), format!("{report}/known-issue"));
        let on = [("idempotency_key", key.as_str()), ("act", "link"), ("known_issue", number.as_str())];
        press(&support, &to, &on).await;
        let key = key_beside(&support.get(&report).await.is(200), "name=\"known_issue\" value=\"\"");
        press(&support, &to, &[("idempotency_key", key.as_str()), ("known_issue", "")]).await;
        support.post_form(&to, &on).await.is(303);
        assert_eq!(linked(world, known), 0);
        assert_eq!((happened(world, known, EventKind::Linked), happened(world, known, EventKind::Unlinked)), (2, 2));
        // The key with another command is not taken for the same one.
        support.post_form(&here, &[("idempotency_key", by_name[0].1), ("act", "link"), ("references", second.as_str())]).await.is(422);
        nothing_is_wrong(world);
    }

    async fn a_known_issue_is_reopened_once(world) {
        let support = world.staff(Role::Support);
        let known = issue(world);
        let here = format!("/admin/known-issues/{known}");
        support.post_form(&here, &[("act", "resolve"), ("answer.en", "Fixed now"), ("confirm", "1")]).await.is(303);
        let page = support.get(&here).await.is(200);
        let key = key_beside(&page, "value=\"reopen\"");
        let seen = page.text().split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let before = happened(world, known, EventKind::Status);
        let form = [("idempotency_key", key.as_str()), ("seen", seen.as_str()), ("act", "reopen"), ("status", "monitoring")];
        press(&support, &here, &form).await;
        assert_eq!(happened(world, known, EventKind::Status), before + 1);
        // Without the key it is somebody who looked at what is no longer so.
        support.post_form(&here, &form[1..]).await.is(409);
    }

    /// One links from the first known issue to the second, somebody else the other way round.
    async fn two_who_link_crosswise_do_not_stop_each_other(world) {
        let (one, other) = (issue(world), issue(world));
        let ids = reports(world, 2, Status::Acknowledged);
        link(world, one, &ids[..1]);
        link(world, other, &ids[1..]);
        let (mut to, mut back) = (other, one);
        for _ in 0..6 {
            let point = |issue: i64, report: i64| {
                world.store.write(move |w| {
                    known_issues::link_moving(w, &StoreActor::CommandLine, issue, &[report], known_issues::Moves::Any)
                })
            };
            let (first, second) = join(point(to, ids[0]), point(back, ids[1])).await;
            assert_eq!((first.unwrap(), second.unwrap()), (1, 1));
            std::mem::swap(&mut to, &mut back);
        }
        nothing_is_wrong(world);
    }
}
