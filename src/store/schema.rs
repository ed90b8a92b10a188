//! The one list of tables for both engines. Portable columns only: ids and enums as text, UTC times as
//! `TIMESTAMP`, JSON as text. A table stands after those it refers to: a restore fills them in this order. Must not
//! hold rules.

diesel::table! {
    users (id) {
        id -> Text,
        email -> Binary,
        email_mark -> Text,
        name -> Binary,
        role -> Text,
        organisation -> Nullable<Text>,
        password_hash -> Text,
        active -> Bool,
        created_at -> Timestamp,
        version -> Integer,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        token_hash -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        factor_at -> Nullable<Timestamp>,
        browser -> Nullable<Text>,
    }
}

diesel::table! {
    factors (id) {
        id -> Text,
        user_id -> Text,
        kind -> Text,
        secret -> Text,
        detail -> Nullable<Text>,
        last_step -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    recovery_codes (code_hash) {
        code_hash -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        email -> Binary,
        email_mark -> Text,
        name -> Binary,
        role -> Text,
        organisation -> Nullable<Text>,
        token_hash -> Text,
        invited_by -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        joined_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    password_resets (token_hash) {
        token_hash -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    kept_posts (id) {
        id -> Text,
        session_id -> Text,
        user_id -> Text,
        path -> Text,
        sealed -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    typings (place, part, hand) {
        place -> Text,
        part -> Text,
        hand -> Text,
        sealed -> Nullable<Text>,
        typed_at -> Nullable<Timestamp>,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    notifications (id) {
        id -> Text,
        state -> Text,
        form_version -> Text,
        answers -> Binary,
        confirmed -> Text,
        source -> Text,
        reference -> Text,
        code_hash -> Text,
        complete -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        case_id -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        decision -> Nullable<Text>,
        decision_reason -> Nullable<Binary>,
        transferred_to -> Nullable<Text>,
        nhs_number -> Nullable<Binary>,
        surname_folded -> Binary,
        forenames_folded -> Binary,
        date_of_birth -> Nullable<Binary>,
        date_of_death -> Nullable<Date>,
        nhs_mark -> Nullable<Text>,
        surname_mark -> Nullable<Text>,
        sound_mark -> Nullable<Text>,
        birth_mark -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    cases (id) {
        id -> Text,
        reference -> Text,
        state -> Text,
        notification_id -> Text,
        opened_at -> Timestamp,
        display_name -> Binary,
        nhs_number -> Nullable<Binary>,
        surname_folded -> Binary,
        forenames_folded -> Binary,
        date_of_birth -> Nullable<Binary>,
        date_of_death -> Date,
        age_band -> Text,
        residence -> Text,
        district -> Nullable<Text>,
        expected -> Nullable<Text>,
        open -> Bool,
        next_due_at -> Timestamp,
        next_due_what -> Nullable<Text>,
        requests_out -> Integer,
        requests_back -> Integer,
        finalised_at -> Nullable<Timestamp>,
        return_version -> Integer,
        national_notified_at -> Nullable<Timestamp>,
        national_accepted_at -> Nullable<Timestamp>,
        transferred_to -> Nullable<Text>,
        updated_at -> Timestamp,
        nhs_mark -> Nullable<Text>,
        surname_mark -> Nullable<Text>,
        sound_mark -> Nullable<Text>,
        birth_mark -> Nullable<Text>,
        version -> Integer,
    }
}

diesel::table! {
    case_numbers (year) {
        year -> Integer,
        next -> Integer,
    }
}

diesel::table! {
    requests (id) {
        id -> Text,
        case_id -> Text,
        agency -> Text,
        professional_type -> Nullable<Text>,
        recipient -> Binary,
        organisation -> Nullable<Binary>,
        email -> Binary,
        state -> Text,
        link_hash -> Nullable<Text>,
        link_expires_at -> Nullable<Timestamp>,
        agreed_date -> Date,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        opened_at -> Nullable<Timestamp>,
        answered_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        reason -> Nullable<Binary>,
        nil_return -> Bool,
        version -> Integer,
        contact_id -> Nullable<Text>,
        part_of -> Nullable<Text>,
        knew_child -> Bool,
    }
}

diesel::table! {
    contacts (id) {
        id -> Text,
        agency -> Text,
        professional_type -> Nullable<Text>,
        organisation -> Nullable<Text>,
        district -> Nullable<Text>,
        away_from -> Nullable<Date>,
        away_to -> Nullable<Date>,
        ended_at -> Nullable<Timestamp>,
        updated_at -> Timestamp,
        version -> Integer,
        name -> Binary,
        email -> Binary,
        deputy_name -> Nullable<Binary>,
        deputy_email -> Nullable<Binary>,
        email_mark -> Text,
    }
}

diesel::table! {
    tries (mark) {
        mark -> Text,
        wrong -> Integer,
        last_at -> Timestamp,
    }
}

diesel::table! {
    area_years (id) {
        id -> Text,
        clock -> Text,
        ends_on -> Date,
        definition -> Text,
        agreed_on -> Nullable<Date>,
        stopped_on -> Nullable<Date>,
        said_at -> Nullable<Timestamp>,
        version -> Integer,
        words -> Nullable<Binary>,
        said_by -> Nullable<Binary>,
    }
}

diesel::table! {
    area_year_rungs (year_id, rung) {
        year_id -> Text,
        rung -> Text,
        state -> Text,
        done_at -> Timestamp,
    }
}

diesel::table! {
    agency_holds (id) {
        id -> Text,
        agency -> Text,
        last_day -> Nullable<Date>,
        held_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        version -> Integer,
        organisation -> Nullable<Binary>,
        why -> Binary,
        held_by -> Binary,
        ended_by -> Nullable<Binary>,
    }
}

diesel::table! {
    imports (id) {
        id -> Text,
        state -> Text,
        created_at -> Timestamp,
        committed_at -> Nullable<Timestamp>,
        undone_at -> Nullable<Timestamp>,
        created -> Integer,
        matched -> Integer,
        refused -> Integer,
        kept -> Integer,
        version -> Integer,
        made_by -> Binary,
        content -> Binary,
        lines -> Binary,
    }
}

diesel::table! {
    request_claims (id) {
        id -> Text,
        request_id -> Text,
        secret_hash -> Text,
        claimed_at -> Timestamp,
    }
}

diesel::table! {
    link_codes (id) {
        id -> Text,
        request_id -> Text,
        code_hash -> Text,
        made_at -> Timestamp,
        tries -> Integer,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    old_links (link_hash) {
        link_hash -> Text,
        request_id -> Text,
        ended_at -> Timestamp,
    }
}

diesel::table! {
    responses (id) {
        id -> Text,
        case_id -> Text,
        request_id -> Text,
        form -> Text,
        form_version -> Text,
        state -> Text,
        answers -> Binary,
        confirmed -> Binary,
        updated_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        accepted_at -> Nullable<Timestamp>,
        reason -> Nullable<Binary>,
        version -> Integer,
        says -> Text,
        marks -> Text,
        spared -> Nullable<Integer>,
        pages -> Nullable<Text>,
    }
}

diesel::table! {
    records (id) {
        id -> Text,
        case_id -> Text,
        form -> Text,
        form_version -> Text,
        answers -> Binary,
        sources -> Binary,
        confirmed -> Binary,
        updated_at -> Timestamp,
        version -> Integer,
    }
}

diesel::table! {
    case_keys (case_id) {
        case_id -> Text,
        sealed_key -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    meetings (id) {
        id -> Text,
        purpose -> Text,
        case_id -> Nullable<Text>,
        state -> Text,
        starts_at -> Timestamp,
        minutes_long -> Integer,
        sequence -> Integer,
        signed_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        place -> Binary,
        minutes -> Nullable<Binary>,
        signed_by -> Nullable<Binary>,
        reason -> Nullable<Binary>,
        theme -> Nullable<Text>,
    }
}

diesel::table! {
    documents (id) {
        id -> Text,
        case_id -> Text,
        number -> Integer,
        request_id -> Nullable<Text>,
        response_id -> Nullable<Text>,
        kind -> Text,
        size -> BigInt,
        content_index -> Text,
        title -> Text,
        file_name -> Text,
        content_note -> Nullable<Text>,
        state -> Text,
        uploaded_by -> Text,
        uploaded_at -> Timestamp,
        scanned_at -> Nullable<Timestamp>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_reason -> Nullable<Text>,
        version -> Integer,
        handed_in_at -> Nullable<Timestamp>,
        meeting_id -> Nullable<Text>,
    }
}

diesel::table! {
    events (seq) {
        seq -> BigInt,
        at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        actor_name -> Nullable<Binary>,
        actor_role -> Nullable<Text>,
        what -> Text,
        case_id -> Nullable<Text>,
        subject_id -> Nullable<Text>,
        detail -> Binary,
        correlation -> Text,
        source -> Text,
        mac -> Binary,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        dedupe_key -> Text,
        recipient -> Binary,
        subject -> Text,
        body -> Binary,
        state -> Text,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        case_id -> Nullable<Text>,
        request_id -> Nullable<Text>,
        calendar -> Nullable<Binary>,
        bounced_at -> Nullable<Timestamp>,
        resent -> Integer,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> Text,
        system -> Text,
        scopes -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    api_replies (key_hash) {
        key_hash -> Text,
        body_hash -> Text,
        reference -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    form_waivers (case_id, form) {
        case_id -> Text,
        form -> Text,
        reason -> Binary,
        waived_by -> Text,
        waived_at -> Timestamp,
    }
}

diesel::table! {
    return_ledger (id) {
        id -> Text,
        kind -> Text,
        period_from -> Date,
        period_to -> Date,
        created_at -> Timestamp,
        created_by -> Binary,
        file_name -> Text,
        sha256 -> Text,
        row_count -> BigInt,
        case_count -> BigInt,
        identified -> Bool,
        receiver_answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        answer_words -> Nullable<Binary>,
    }
}

diesel::table! {
    return_lines (ledger_id, case_id) {
        ledger_id -> Text,
        case_id -> Text,
        version -> Integer,
        submission -> Text,
    }
}

diesel::table! {
    verified_fields (form_version, form, field) {
        form_version -> Text,
        form -> Text,
        field -> Text,
        verified_by -> Binary,
        verified_at -> Timestamp,
    }
}

diesel::table! {
    kept_counts (bucket, slot) {
        bucket -> Text,
        slot -> Integer,
        n -> BigInt,
    }
}

diesel::table! {
    settings (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    case_people (case_id, user_id) {
        case_id -> Text,
        user_id -> Text,
        role -> Text,
        since -> Timestamp,
        assigned_by -> Binary,
    }
}

diesel::table! {
    case_restrictions (id) {
        id -> Text,
        case_id -> Text,
        since -> Timestamp,
        restricted_by -> Binary,
        reason -> Binary,
    }
}

diesel::table! {
    case_merges (id) {
        id -> Text,
        case_id -> Text,
        into_id -> Text,
        state_before -> Text,
        since -> Timestamp,
        merged_by -> Binary,
        reason -> Binary,
        kept -> Nullable<Binary>,
    }
}

diesel::table! {
    case_named (case_id, user_id) {
        case_id -> Text,
        user_id -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    case_openings (id) {
        id -> Text,
        case_id -> Text,
        user_id -> Text,
        opened_by -> Binary,
        why -> Text,
        words -> Binary,
        opened_at -> Timestamp,
        ends_at -> Timestamp,
        reviewed_at -> Nullable<Timestamp>,
        reviewed_by -> Nullable<Binary>,
        outcome -> Nullable<Text>,
        review -> Nullable<Binary>,
        version -> Integer,
    }
}

diesel::table! {
    request_waits (id) {
        id -> Text,
        request_id -> Text,
        asked_at -> Timestamp,
        until -> Date,
        reason -> Binary,
        state -> Text,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Binary>,
        answer -> Nullable<Binary>,
        version -> Integer,
    }
}

diesel::table! {
    clock_events (case_id, about, occasion) {
        case_id -> Text,
        about -> Text,
        occasion -> Text,
        at -> Timestamp,
        whole_day -> Bool,
        given -> Bool,
        source -> Text,
        asked -> Nullable<Text>,
    }
}

diesel::table! {
    clocks (id) {
        id -> Text,
        case_id -> Text,
        about -> Text,
        clock -> Text,
        run -> Integer,
        definition -> Text,
        started_at -> Timestamp,
        whole_day -> Bool,
        due_at -> Nullable<Timestamp>,
        outcome -> Text,
        paused -> Bool,
        stopped_at -> Nullable<Timestamp>,
        stopped_day -> Bool,
        excused_at -> Nullable<Timestamp>,
        excused_by -> Nullable<Binary>,
        excuse -> Nullable<Binary>,
        held_at -> Nullable<Timestamp>,
        held_by -> Nullable<Binary>,
        held_why -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    clock_dues (id) {
        id -> Text,
        clock_id -> Text,
        due_at -> Timestamp,
        replaced_at -> Timestamp,
    }
}

diesel::table! {
    clock_pauses (id) {
        id -> Text,
        clock_id -> Text,
        reason -> Text,
        from_at -> Timestamp,
        to_at -> Nullable<Timestamp>,
        words -> Binary,
        paused_by -> Binary,
        resumed_by -> Nullable<Binary>,
        process_id -> Nullable<Text>,
        counted -> Bool,
    }
}

diesel::table! {
    family (id) {
        id -> Text,
        case_id -> Text,
        part -> Text,
        state -> Text,
        body -> Binary,
        saved_by -> Binary,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
    }
}

diesel::table! {
    processes (id) {
        id -> Text,
        case_id -> Text,
        kind -> Text,
        state -> Text,
        holds_meeting -> Bool,
        holds_panel -> Bool,
        began_on -> Nullable<Date>,
        step_on -> Nullable<Date>,
        checked_on -> Nullable<Date>,
        next_check -> Nullable<Date>,
        expected_end -> Nullable<Date>,
        over_on -> Nullable<Date>,
        document -> Nullable<Integer>,
        reference -> Nullable<Binary>,
        lead_body -> Nullable<Binary>,
        outcome -> Nullable<Binary>,
        note -> Nullable<Binary>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
    }
}

diesel::table! {
    clock_rungs (clock_id, rung) {
        clock_id -> Text,
        rung -> Text,
        at -> Timestamp,
        state -> Text,
        done_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    calendars (user_id) {
        user_id -> Text,
        token_hash -> Text,
        created_at -> Timestamp,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    panel_items (id) {
        id -> Text,
        meeting_id -> Text,
        case_id -> Text,
        position -> Integer,
        pack_number -> Text,
        route -> Text,
        state -> Text,
        chair_id -> Nullable<Text>,
        deferral -> Nullable<Text>,
        next_date -> Nullable<Date>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        reasons -> Binary,
    }
}

diesel::table! {
    panel_interests (id) {
        id -> Text,
        item_id -> Text,
        case_id -> Text,
        person_id -> Text,
        user_id -> Nullable<Text>,
        interest -> Text,
        stays -> Nullable<Bool>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        decided_by -> Nullable<Binary>,
    }
}

diesel::table! {
    signed_analyses (id) {
        id -> Text,
        case_id -> Text,
        item_id -> Nullable<Text>,
        number -> Integer,
        form_version -> Text,
        signed_at -> Timestamp,
        answers -> Binary,
        signed_by -> Binary,
    }
}

diesel::table! {
    shared_points (id) {
        id -> Text,
        case_id -> Text,
        kind -> Text,
        agency -> Nullable<Text>,
        agreed_at -> Timestamp,
        words -> Binary,
        agreed_by -> Binary,
    }
}

diesel::table! {
    case_themes (id) {
        id -> Text,
        case_id -> Text,
        theme -> Text,
        set_at -> Timestamp,
        set_by -> Binary,
    }
}

diesel::table! {
    case_features (id) {
        id -> Text,
        case_id -> Text,
        died -> Date,
        body -> Binary,
    }
}

diesel::table! {
    clusters (id) {
        id -> Text,
        dimension -> Text,
        value -> Text,
        months -> Integer,
        first_on -> Date,
        last_on -> Date,
        found_at -> Timestamp,
        count -> Integer,
        expected_thousandths -> Integer,
        chance_millionths -> Integer,
        state -> Text,
        judged_at -> Nullable<Timestamp>,
        version -> Integer,
        reason -> Nullable<Binary>,
        judged_by -> Nullable<Binary>,
    }
}

diesel::table! {
    meeting_people (id) {
        id -> Text,
        meeting_id -> Text,
        user_id -> Nullable<Text>,
        agency -> Nullable<Text>,
        is_chair -> Bool,
        was_involved -> Bool,
        reply -> Text,
        attendance -> Text,
        invited -> Nullable<Integer>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        name -> Binary,
        role -> Binary,
        email -> Nullable<Binary>,
    }
}

diesel::table! {
    actions (id) {
        id -> Text,
        case_id -> Nullable<Text>,
        meeting_id -> Nullable<Text>,
        kind -> Text,
        state -> Text,
        set_on -> Date,
        due_on -> Date,
        closed_on -> Nullable<Date>,
        look_on -> Nullable<Date>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        body -> Binary,
        owner_email -> Nullable<Binary>,
        saved_by -> Binary,
    }
}

diesel::table! {
    transfers (id) {
        id -> Text,
        direction -> Text,
        state -> Text,
        file_id -> Text,
        case_id -> Nullable<Text>,
        panel -> Text,
        theirs -> Nullable<Text>,
        agreed_on -> Date,
        learning_due -> Date,
        size -> BigInt,
        made_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        sealed_key -> Nullable<Text>,
        made_by -> Binary,
        reason -> Binary,
        agreed_by -> Binary,
        learning -> Binary,
        answered_by -> Nullable<Binary>,
        answer -> Nullable<Binary>,
        version -> Integer,
    }
}

diesel::table! {
    packs (id) {
        id -> Text,
        item_id -> Text,
        case_id -> Text,
        documents -> Text,
        made_from -> Text,
        first_signer -> Nullable<Text>,
        first_signed_at -> Nullable<Timestamp>,
        second_signer -> Nullable<Text>,
        second_signed_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        parts -> Binary,
        decisions -> Binary,
    }
}

diesel::table! {
    released_packs (id) {
        id -> Text,
        item_id -> Text,
        case_id -> Text,
        number -> Integer,
        made_from -> Text,
        released_at -> Timestamp,
        paper -> Binary,
    }
}

diesel::table! {
    pack_reads (id) {
        id -> Text,
        released_id -> Text,
        item_id -> Text,
        user_id -> Text,
        read_at -> Timestamp,
    }
}

diesel::table! {
    pack_notes (id) {
        id -> Text,
        item_id -> Text,
        user_id -> Text,
        updated_at -> Timestamp,
        version -> Integer,
        body -> Binary,
    }
}

diesel::table! {
    pack_questions (id) {
        id -> Text,
        item_id -> Text,
        case_id -> Text,
        user_id -> Text,
        state -> Text,
        request_id -> Nullable<Text>,
        asked_at -> Timestamp,
        updated_at -> Timestamp,
        version -> Integer,
        question -> Binary,
        worded -> Nullable<Binary>,
        answer -> Nullable<Binary>,
        told -> Nullable<Binary>,
    }
}

diesel::joinable!(clocks -> cases (case_id));
diesel::joinable!(clock_rungs -> clocks (clock_id));
diesel::joinable!(processes -> cases (case_id));
diesel::joinable!(case_restrictions -> cases (case_id));
diesel::joinable!(case_named -> users (user_id));
diesel::joinable!(case_openings -> cases (case_id));
diesel::joinable!(requests -> cases (case_id));
diesel::joinable!(responses -> requests (request_id));
diesel::joinable!(records -> cases (case_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(case_people -> users (user_id));
diesel::joinable!(case_people -> cases (case_id));
diesel::joinable!(meetings -> cases (case_id));
diesel::joinable!(meeting_people -> meetings (meeting_id));
diesel::joinable!(actions -> cases (case_id));
diesel::joinable!(case_themes -> cases (case_id));
diesel::joinable!(case_features -> cases (case_id));
diesel::joinable!(panel_items -> cases (case_id));
diesel::joinable!(panel_items -> meetings (meeting_id));
diesel::allow_tables_to_appear_in_same_query!(
    meetings,
    meeting_people,
    panel_items,
    panel_interests,
    signed_analyses,
    packs,
    released_packs,
    pack_reads,
    pack_notes,
    pack_questions,
    shared_points,
    case_themes,
    case_features,
    clusters,
    actions,
    users,
    case_people,
    case_restrictions,
    case_merges,
    case_named,
    case_openings,
    request_waits,
    sessions,
    factors,
    recovery_codes,
    invitations,
    password_resets,
    kept_posts,
    typings,
    notifications,
    cases,
    case_numbers,
    requests,
    contacts,
    agency_holds,
    area_years,
    area_year_rungs,
    tries,
    imports,
    request_claims,
    link_codes,
    old_links,
    responses,
    records,
    case_keys,
    documents,
    events,
    outbox,
    api_tokens,
    api_replies,
    form_waivers,
    return_ledger,
    return_lines,
    verified_fields,
    kept_counts,
    settings,
    clock_events,
    clocks,
    clock_dues,
    clock_pauses,
    clock_rungs,
    processes,
    family,
    calendars,
    transfers
);
