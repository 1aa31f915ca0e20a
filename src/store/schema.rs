//! The tables, the same on both databases.

diesel::table! {
    instance (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    people (id) {
        id -> BigInt,
        name -> Text,
        role -> Text,
        password_hash -> Text,
        created_at -> BigInt,
        disabled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        person_id -> BigInt,
        secret_hash -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
        device -> Text,
        login -> Text,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        name -> Text,
        role -> Text,
        secret_hash -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    texts (thing, thing_id, field, language) {
        thing -> Text,
        thing_id -> BigInt,
        field -> Text,
        language -> Text,
        content -> Text,
    }
}

diesel::table! {
    components (id) {
        id -> BigInt,
        key -> Text,
        position -> Integer,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
        demonstration -> Bool,
        weight -> Integer,
    }
}

diesel::table! {
    windows (id) {
        id -> BigInt,
        slug -> Text,
        sequence -> BigInt,
        state -> Text,
        time_zone -> Text,
        scheduled_start -> BigInt,
        scheduled_end -> Nullable<BigInt>,
        announced_at -> Nullable<BigInt>,
        started_at -> Nullable<BigInt>,
        completed_at -> Nullable<BigInt>,
        cancelled_at -> Nullable<BigInt>,
        backup_finished_at -> Nullable<BigInt>,
        data_checked_at -> Nullable<BigInt>,
        finish_before -> Nullable<BigInt>,
        follow_up_hours -> Integer,
        start_by_clock -> Bool,
        complete_by_clock -> Bool,
        survey_template -> Text,
        survey_days -> Integer,
        support -> Text,
        imported_as -> Nullable<Text>,
        demonstration -> Bool,
        created_at -> BigInt,
        changed_at -> BigInt,
        survey_opened_at -> Nullable<BigInt>,
        survey_closed_at -> Nullable<BigInt>,
        survey_remind_days -> Integer,
    }
}

diesel::table! {
    window_moves (id) {
        id -> BigInt,
        window_id -> BigInt,
        sequence -> BigInt,
        scheduled_start -> BigInt,
        scheduled_end -> Nullable<BigInt>,
        time_zone -> Text,
        moved_at -> BigInt,
        author_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    window_components (window_id, component_id) {
        window_id -> BigInt,
        component_id -> BigInt,
        position -> Integer,
        impact -> Text,
        interruption_start -> Nullable<BigInt>,
        interruption_end -> Nullable<BigInt>,
        tested_at -> Nullable<BigInt>,
        tested_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    updates (id) {
        id -> BigInt,
        window_id -> BigInt,
        stage -> Text,
        state -> Text,
        posted_at -> BigInt,
        author_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_issues (id) {
        id -> BigInt,
        window_id -> Nullable<BigInt>,
        status -> Text,
        public -> Bool,
        resolution_id -> Nullable<BigInt>,
        reports -> BigInt,
        me_toos -> BigInt,
        author_id -> Nullable<BigInt>,
        created_at -> BigInt,
        changed_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
        demonstration -> Bool,
        revision -> BigInt,
    }
}

diesel::table! {
    reports (id) {
        id -> BigInt,
        window_id -> Nullable<BigInt>,
        filed_under -> Nullable<BigInt>,
        stage -> Nullable<Text>,
        component_id -> Nullable<BigInt>,
        category -> Text,
        impact -> Text,
        severity -> Nullable<Text>,
        urgency -> Integer,
        status -> Text,
        occurred_at -> Nullable<BigInt>,
        precision -> Text,
        received_at -> BigInt,
        written_at -> Nullable<BigInt>,
        time_zone -> Nullable<Text>,
        language -> Text,
        source -> Text,
        assignee_id -> Nullable<BigInt>,
        entered_by -> Nullable<BigInt>,
        notice_sequence -> Nullable<BigInt>,
        first_answer_at -> Nullable<BigInt>,
        resolved_at -> Nullable<BigInt>,
        verdict -> Nullable<Text>,
        link_hash -> Text,
        code_hash -> Text,
        imported_as -> Nullable<Text>,
        demonstration -> Bool,
        revision -> BigInt,
        duplicate_of_id -> Nullable<BigInt>,
        answer_due_at -> Nullable<BigInt>,
        resolution_due_at -> Nullable<BigInt>,
        known_issue_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    report_contents (report_id) {
        report_id -> BigInt,
        description -> Text,
        error_message -> Nullable<Text>,
        account -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        device -> Nullable<Text>,
    }
}

diesel::table! {
    report_events (id) {
        id -> BigInt,
        report_id -> BigInt,
        kind -> Text,
        was -> Nullable<Text>,
        became -> Nullable<Text>,
        content -> Nullable<Text>,
        author_id -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    report_images (id) {
        id -> BigInt,
        report_id -> BigInt,
        kind -> Text,
        width -> Integer,
        height -> Integer,
        bytes -> Integer,
        digest -> Text,
        added_at -> BigInt,
        content -> Binary,
    }
}

diesel::table! {
    report_counters (window_id, stage, component_id, category, impact, status) {
        window_id -> BigInt,
        stage -> Text,
        component_id -> BigInt,
        category -> Text,
        impact -> Text,
        status -> Text,
        reports -> BigInt,
    }
}

diesel::table! {
    report_minutes (window_id, minute) {
        window_id -> BigInt,
        minute -> BigInt,
        reports -> BigInt,
    }
}

diesel::table! {
    report_spread (window_id, component_id, known_issue_id) {
        window_id -> BigInt,
        component_id -> BigInt,
        known_issue_id -> BigInt,
        people_10 -> BigInt,
        people_60 -> BigInt,
        people_day -> BigInt,
        counted_at -> BigInt,
    }
}

diesel::table! {
    canned_answers (id) {
        id -> BigInt,
        revision -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
        demonstration -> Bool,
    }
}

diesel::table! {
    saved_filters (id) {
        id -> BigInt,
        person_id -> BigInt,
        name -> Text,
        query -> Text,
        shared -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    bulk_acts (id) {
        id -> BigInt,
        author -> Text,
        author_id -> Nullable<BigInt>,
        created_at -> BigInt,
        changes -> Text,
        query -> Text,
        selection -> Text,
        total -> BigInt,
        undo_of -> Nullable<BigInt>,
        begun_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        progress -> BigInt,
    }
}

diesel::table! {
    bulk_items (act_id, report_id) {
        act_id -> BigInt,
        report_id -> BigInt,
        outcome -> Text,
        was -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    alarms (id) {
        id -> BigInt,
        component_id -> BigInt,
        window_id -> Nullable<BigInt>,
        kind -> Text,
        raised_at -> BigInt,
        since -> BigInt,
        seen_at -> BigInt,
        people -> BigInt,
        expected -> Double,
        chance -> Double,
        state -> Text,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    me_toos (id) {
        id -> BigInt,
        known_issue_id -> BigInt,
        person_hash -> Text,
        language -> Text,
        source -> Text,
        created_at -> BigInt,
        resolution_id -> Nullable<BigInt>,
        told_at -> Nullable<BigInt>,
        verdict -> Nullable<Text>,
        verdict_at -> Nullable<BigInt>,
        link_hash -> Text,
        code_hash -> Text,
    }
}

diesel::table! {
    me_too_contents (me_too_id) {
        me_too_id -> BigInt,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    survey_templates (key) {
        key -> Text,
        version -> Integer,
        created_at -> BigInt,
        changed_at -> BigInt,
        demonstration -> Bool,
    }
}

diesel::table! {
    survey_template_versions (template, version) {
        template -> Text,
        version -> Integer,
        content -> Text,
        written_at -> BigInt,
        author_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        window_id -> BigInt,
        exposure -> Text,
        report_id -> Nullable<BigInt>,
        me_too_id -> Nullable<BigInt>,
        person_hash -> Text,
        salt -> Text,
        secret_hash -> Text,
        language -> Text,
        decided_at -> BigInt,
        told_at -> Nullable<BigInt>,
        remind_at -> Nullable<BigInt>,
        reminded_at -> Nullable<BigInt>,
        reminder_told_at -> Nullable<BigInt>,
        opened_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
        demonstration -> Bool,
    }
}

diesel::table! {
    invitation_contacts (invitation_id) {
        invitation_id -> BigInt,
        name -> Text,
        contact -> Text,
    }
}

diesel::table! {
    responses (id) {
        id -> BigInt,
        window_id -> BigInt,
        template -> Text,
        template_version -> Integer,
        submitted_at -> BigInt,
        changed_at -> BigInt,
        language -> Text,
        invited -> Bool,
        exposure -> Text,
        saw_notice -> Nullable<Bool>,
        csat -> Nullable<Integer>,
        nps -> Nullable<Integer>,
        ces -> Nullable<Integer>,
        comment -> Nullable<Text>,
        answers -> Text,
        complete -> Bool,
        edit_hash -> Text,
        imported_as -> Nullable<Text>,
        demonstration -> Bool,
        invitation_id -> Nullable<BigInt>,
        browser_hash -> Nullable<Text>,
        completed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotency_keys (key_hash) {
        key_hash -> Text,
        command_hash -> Text,
        answer -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Text,
        due_at -> BigInt,
        progress -> BigInt,
        done_at -> Nullable<BigInt>,
        attempts -> Integer,
        problem -> Nullable<Text>,
    }
}

diesel::table! {
    search_queue (id) {
        id -> BigInt,
        report_id -> BigInt,
    }
}

diesel::table! {
    changes (id) {
        id -> BigInt,
        kind -> Text,
        window_id -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    audit_rows (id) {
        id -> BigInt,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        thing -> Text,
        detail -> Text,
    }
}

diesel::table! {
    known_issue_components (known_issue_id, component_id) {
        known_issue_id -> BigInt,
        component_id -> BigInt,
    }
}

diesel::table! {
    known_issue_events (id) {
        id -> BigInt,
        known_issue_id -> BigInt,
        kind -> Text,
        was -> Nullable<Text>,
        became -> Nullable<Text>,
        author_id -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    known_issue_resolutions (id) {
        id -> BigInt,
        known_issue_id -> BigInt,
        author_id -> Nullable<BigInt>,
        at -> BigInt,
        reports_told -> BigInt,
        me_toos_told -> BigInt,
        done_at -> Nullable<BigInt>,
        reopened_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_issue_told (resolution_id, report_id) {
        resolution_id -> BigInt,
        report_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    duplicate_told (event_id, report_id) {
        event_id -> BigInt,
        report_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    report_wrote (report_id) {
        report_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    me_too_wrote (me_too_id) {
        me_too_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    me_too_events (id) {
        id -> BigInt,
        me_too_id -> BigInt,
        kind -> Text,
        was -> Nullable<Text>,
        became -> Nullable<Text>,
        content -> Nullable<Text>,
        author_id -> Nullable<BigInt>,
        at -> BigInt,
    }
}

diesel::table! {
    staff_invitations (id) {
        id -> BigInt,
        name -> Text,
        role -> Text,
        secret_hash -> Text,
        author_id -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    second_factors (person_id) {
        person_id -> BigInt,
        secret -> Text,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        last_step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> BigInt,
        person_id -> BigInt,
        code_hash -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    login_steps (id) {
        id -> BigInt,
        person_id -> BigInt,
        secret_hash -> Text,
        next -> Text,
        tries -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    login_debts (key) {
        key -> Text,
        clear_at -> BigInt,
    }
}

diesel::table! {
    identities (id) {
        id -> BigInt,
        person_id -> BigInt,
        issuer -> Text,
        subject -> Text,
        created_at -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    provider_logins (id) {
        id -> BigInt,
        secret_hash -> Text,
        nonce -> Text,
        verifier -> Text,
        next -> Text,
        person_id -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    improvements (id) {
        id -> BigInt,
        title -> Text,
        detail -> Nullable<Text>,
        owner_id -> Nullable<BigInt>,
        status -> Text,
        measure -> Nullable<Text>,
        source -> Text,
        source_name -> Nullable<Text>,
        window_id -> Nullable<BigInt>,
        shown_by -> Nullable<BigInt>,
        author_id -> Nullable<BigInt>,
        created_at -> BigInt,
        changed_at -> BigInt,
        demonstration -> Bool,
        revision -> BigInt,
    }
}

diesel::table! {
    notice_versions (window_id, sequence) {
        window_id -> BigInt,
        sequence -> BigInt,
        kept_at -> BigInt,
        content -> Text,
    }
}

diesel::joinable!(sessions -> people (person_id));
diesel::joinable!(second_factors -> people (person_id));
diesel::joinable!(login_steps -> people (person_id));
diesel::joinable!(identities -> people (person_id));
diesel::joinable!(window_moves -> windows (window_id));
diesel::joinable!(window_components -> windows (window_id));
diesel::joinable!(window_components -> components (component_id));
diesel::joinable!(updates -> windows (window_id));
diesel::joinable!(reports -> components (component_id));
diesel::joinable!(reports -> people (assignee_id));
diesel::joinable!(report_contents -> reports (report_id));
diesel::joinable!(report_events -> reports (report_id));
diesel::joinable!(report_images -> reports (report_id));
diesel::joinable!(saved_filters -> people (person_id));
diesel::joinable!(bulk_items -> bulk_acts (act_id));
diesel::joinable!(bulk_items -> reports (report_id));
diesel::joinable!(responses -> windows (window_id));
diesel::joinable!(known_issue_components -> known_issues (known_issue_id));
diesel::joinable!(known_issue_components -> components (component_id));
diesel::joinable!(known_issue_told -> known_issue_resolutions (resolution_id));
diesel::joinable!(known_issue_told -> reports (report_id));
diesel::joinable!(duplicate_told -> report_events (event_id));
diesel::joinable!(duplicate_told -> reports (report_id));
diesel::joinable!(report_wrote -> reports (report_id));
diesel::joinable!(me_too_wrote -> me_toos (me_too_id));
diesel::joinable!(me_toos -> known_issues (known_issue_id));
diesel::joinable!(me_too_contents -> me_toos (me_too_id));
diesel::joinable!(me_too_events -> me_toos (me_too_id));
diesel::joinable!(responses -> invitations (invitation_id));
diesel::joinable!(survey_template_versions -> survey_templates (template));
diesel::joinable!(invitations -> windows (window_id));
diesel::joinable!(invitations -> reports (report_id));
diesel::joinable!(invitations -> me_toos (me_too_id));
diesel::joinable!(invitation_contacts -> invitations (invitation_id));

diesel::allow_tables_to_appear_in_same_query!(
    instance,
    people,
    sessions,
    tokens,
    texts,
    components,
    windows,
    window_moves,
    window_components,
    updates,
    reports,
    report_contents,
    report_events,
    report_images,
    report_counters,
    report_minutes,
    report_spread,
    canned_answers,
    saved_filters,
    bulk_acts,
    bulk_items,
    alarms,
    responses,
    survey_templates,
    survey_template_versions,
    invitations,
    invitation_contacts,
    idempotency_keys,
    jobs,
    search_queue,
    changes,
    audit_rows,
    staff_invitations,
    second_factors,
    recovery_codes,
    login_steps,
    login_debts,
    identities,
    provider_logins,
    known_issues,
    known_issue_components,
    known_issue_events,
    known_issue_resolutions,
    known_issue_told,
    me_toos,
    me_too_contents,
    me_too_events,
    me_too_wrote,
    duplicate_told,
    report_wrote,
    improvements,
    notice_versions
);
