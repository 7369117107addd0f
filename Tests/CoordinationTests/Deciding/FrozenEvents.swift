/// The data of one event of every type version that was ever written. They lie in logs that nobody can change: lines
/// are added here, never edited, and whatever stands here must stay readable for ever.
enum FrozenEvents {
  static let data: [String: String] = [
    "org.federwerk.action-field.added.v1": #"""
    {"number":7,"slug":"slug-1","source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.feed.contract-changed.v1": #"""
    {"contract":{"circle":"public","disclosures":true,"programmes":["slug-1"],"subjects":["00000000-0000-7000-\#
    8000-000000000001"],"types":["measure.*"],"versionMax":7}}
    """#,
    "org.federwerk.feed.ended.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.feed.subscribed.v1": #"""
    {"contract":{"circle":"public","disclosures":true,"programmes":["slug-1"],"subjects":["00000000-0000-7000-\#
    8000-000000000001"],"types":["measure.*"],"versionMax":7},"history":true,"partner":"00000000-0000-7000-8000\#
    -000000000001","slug":"slug-1"}
    """#,
    "org.federwerk.partner.credential-rotated.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.partner.registered.v1": #"""
    {"name":"Größe „A“","programmes":["slug-1"],"slug":"slug-1"}
    """#,
    "org.federwerk.partner.reinstated.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.partner.suspended.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.webhook.registered.v1": #"""
    {"address":"https://hooks.example/a","feed":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.webhook.consent-required.v1": #"""
    {}
    """#,
    "org.federwerk.webhook.removed.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.webhook.secret-rotated.v1": #"""
    {}
    """#,
    "org.federwerk.goal.revised.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"letter":"slug-1","source":["S2:688-692"],"title":"\#
    Größe „A“"}
    """#,
    "org.federwerk.goal.set.v1": #"""
    {"cluster":"00000000-0000-7000-8000-000000000001","letter":"slug-1","source":["S2:688-692"],"title":"Größe\#
     „A“"}
    """#,
    "org.federwerk.group.defined.v1": #"""
    {"kind":"relative","name":"Größe „A“","of":"00000000-0000-7000-8000-000000000001","short":"Größe „A“","slu\#
    g":"slug-1","source":["S2:688-692"]}
    """#,
    "org.federwerk.group.member-added.v1": #"""
    {"from":"2019-04-01","member":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"],"until":"2019\#
    -04-01"}
    """#,
    "org.federwerk.group.member-removed.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"member":"00000000-0000-7000-8000-000000000001","un\#
    til":"2019-04-01"}
    """#,
    "org.federwerk.institution.alias-added.v1": #"""
    {"name":"Größe „A“","presumed":true,"source":["S2:688-692"]}
    """#,
    "org.federwerk.institution.alias-withdrawn.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"name":"Größe „A“"}
    """#,
    "org.federwerk.institution.chair-declared.v1": #"""
    {"by":"00000000-0000-7000-8000-000000000001","kind":"coordinator","source":["S2:688-692"]}
    """#,
    "org.federwerk.institution.contact-appointed.v1": #"""
    {"_sd":["EmctsVb7xJUwgSmW4AfG_IpXSrQY3vKm1eYNVnDsjlc","HYg7F17KgNKdZwCPVUbzPiCJbjwAU1vJFHMHPrm2q9I","WP96b\#
    uQT1JkRmJVW-HCBm9iVKX5NxLG1FCQTNyQDd9U","w7-AbMsbs4-ugyL6Zc2ofpV-eNrvW7F768ltRtRMRt0"]}
    """#,
    "org.federwerk.institution.contact-replaced.v1": #"""
    {"_sd":["EmctsVb7xJUwgSmW4AfG_IpXSrQY3vKm1eYNVnDsjlc","HYg7F17KgNKdZwCPVUbzPiCJbjwAU1vJFHMHPrm2q9I","WP96b\#
    uQT1JkRmJVW-HCBm9iVKX5NxLG1FCQTNyQDd9U","w7-AbMsbs4-ugyL6Zc2ofpV-eNrvW7F768ltRtRMRt0"]}
    """#,
    "org.federwerk.institution.dissolved.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"source":["S2:688-692"],"successor":"00000000-0000-\#
    7000-8000-000000000001"}
    """#,
    "org.federwerk.institution.hosting-declared.v1": #"""
    {"by":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"]}
    """#,
    "org.federwerk.institution.registered.v1": #"""
    {"kind":"slug-1","name":"Größe „A“","short":"Größe „A“","slug":"slug-1","source":["S2:688-692"]}
    """#,
    "org.federwerk.institution.renamed.v1": #"""
    {"name":"Größe „A“","short":"Größe „A“","source":["S2:688-692"]}
    """#,
    "org.federwerk.institution.succeeded.v1": #"""
    {"by":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"]}
    """#,
    "org.federwerk.institution.unit-declared.v1": #"""
    {"of":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"]}
    """#,
    "org.federwerk.issue.closed.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.issue.decision-deadline-missed.v1": #"""
    {"deadline":"2019-04-01","level":"slug-1"}
    """#,
    "org.federwerk.issue.decision-deadline-set.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"deadline":"2019-04-01"}
    """#,
    "org.federwerk.issue.escalated.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"deadline":"2019-04-01","level":"slug-1","urgent":t\#
    rue}
    """#,
    "org.federwerk.issue.escalation-decided.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"body":"00000000-0000-7000-8000-000000000001","defe\#
    rredTo":"2019-04-01","level":"slug-1","noFollowUp":true,"outcome":"refuse","returnedTo":"slug-1"}
    """#,
    "org.federwerk.issue.escalation-returned.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"body":"00000000-0000-7000-8000-000000000001","leve\#
    l":"slug-1"}
    """#,
    "org.federwerk.issue.follow-up-assigned.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"due":"2019-04-01","followUp":"00000000-0000-7000-8\#
    000-000000000001","responsible":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.issue.follow-up-completed.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"followUp":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.issue.raised.v1": #"""
    {"_sd":["aDjqmmohoU7GtuYoDgZvp8IEaffjxag1cH2MP3-teq4","kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"inst\#
    itution":"00000000-0000-7000-8000-000000000001","kind":"decision-needed","measure":"00000000-0000-7000-800\#
    0-000000000001","source":["S2:688-692"]}
    """#,
    "org.federwerk.issue.reopened.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.issue.resolved.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.issue.solution-accepted.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"institution":"00000000-0000-7000-8000-000000000001\#
    "}
    """#,
    "org.federwerk.issue.solution-proposed.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"institution":"00000000-0000-7000-8000-000000000001\#
    "}
    """#,
    "org.federwerk.issue.taken-up.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.issue.withdrawn.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.log.epoch-opened.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"previousEpoch":7,"publishedRoot":"Größe „A“","publ\#
    ishedSize":7}
    """#,
    "org.federwerk.measure.added.v1": #"""
    {"code":"Größe „A“","deliverables":["Größe „A“"],"horizon":"Größe „A“","kind":"recurring","note":"Größe „A\#
    “","numeral":"IV","source":["S2:688-692"],"taskField":"00000000-0000-7000-8000-000000000001","title":"Größ\#
    e „A“"}
    """#,
    "org.federwerk.measure.assignment-accepted.v1": #"""
    {"assignment":"00000000-0000-7000-8000-000000000001","institution":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.assignment-declined.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"assignment":"00000000-0000-7000-8000-000000000001"\#
    ,"institution":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.assignment-ended.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"assignment":"00000000-0000-7000-8000-000000000001"\#
    ,"until":"2019-04-01"}
    """#,
    "org.federwerk.measure.carried-over.v1": #"""
    {"code":"Größe „A“","numeral":"IV","parent":"00000000-0000-7000-8000-000000000001","part":"Größe „A“","pre\#
    decessor":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"],"taskField":"00000000-0000-7000-8\#
    000-000000000001","version":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.condition-activated.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"assignment":"00000000-0000-7000-8000-000000000001"\#
    ,"from":"2019-04-01","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.completed.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.measure.consulted-assigned.v1": #"""
    {"assignment":"00000000-0000-7000-8000-000000000001","condition":"Größe „A“","from":"2019-04-01","holder":\#
    "00000000-0000-7000-8000-000000000001","phase":"Größe „A“","range":"Größe „A“","source":["S2:688-692"],"su\#
    bject":"Größe „A“","until":"2019-04-01","wording":"Größe „A“"}
    """#,
    "org.federwerk.measure.contributor-assigned.v1": #"""
    {"assignment":"00000000-0000-7000-8000-000000000001","condition":"Größe „A“","from":"2019-04-01","holder":\#
    "00000000-0000-7000-8000-000000000001","phase":"Größe „A“","range":"Größe „A“","source":["S2:688-692"],"su\#
    bject":"Größe „A“","until":"2019-04-01","wording":"Größe „A“"}
    """#,
    "org.federwerk.measure.deliverable-recorded.v1": #"""
    {"deliverable":"Größe „A“","reference":"Größe „A“","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.dependency-declared.v1": #"""
    {"act":"Größe „A“","link":"00000000-0000-7000-8000-000000000001","measure":"00000000-0000-7000-8000-000000\#
    000001","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.dependency-lifted.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"link":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.discontinued.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"decision":"Größe „A“"}
    """#,
    "org.federwerk.measure.examination-concluded.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"result":"partly"}
    """#,
    "org.federwerk.measure.external-measure-linked.v1": #"""
    {"externalID":"Größe „A“","programme":"slug-1","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.external-status-recorded.v1": #"""
    {"date":"2019-04-01","externalID":"Größe „A“","percent":7,"programme":"slug-1","status":"Größe „A“","statu\#
    sID":"Größe „A“"}
    """#,
    "org.federwerk.measure.highlighted.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.measure.lead-assigned.v1": #"""
    {"assignment":"00000000-0000-7000-8000-000000000001","condition":"Größe „A“","from":"2019-04-01","holder":\#
    "00000000-0000-7000-8000-000000000001","phase":"Größe „A“","range":"Größe „A“","source":["S2:688-692"],"su\#
    bject":"Größe „A“","until":"2019-04-01","wording":"Größe „A“"}
    """#,
    "org.federwerk.measure.lead-cap-exception-granted.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"leads":7,"phase":"Größe „A“"}
    """#,
    "org.federwerk.measure.lead-handed-over.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"assignment":"00000000-0000-7000-8000-000000000001"\#
    ,"from":"2019-04-01","holder":"00000000-0000-7000-8000-000000000001","successor":"00000000-0000-7000-8000-\#
    000000000001","until":"2019-04-01"}
    """#,
    "org.federwerk.measure.lead-partner-assigned.v1": #"""
    {"assignment":"00000000-0000-7000-8000-000000000001","condition":"Größe „A“","from":"2019-04-01","holder":\#
    "00000000-0000-7000-8000-000000000001","phase":"Größe „A“","range":"Größe „A“","source":["S2:688-692"],"su\#
    bject":"Größe „A“","until":"2019-04-01","wording":"Größe „A“"}
    """#,
    "org.federwerk.measure.linked.v1": #"""
    {"cluster":"00000000-0000-7000-8000-000000000001","link":"00000000-0000-7000-8000-000000000001","measure":\#
    "00000000-0000-7000-8000-000000000001","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.moved.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"code":"Größe „A“","numeral":"IV","source":["S2:688\#
    -692"],"taskField":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.made-permanent.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.measure.milestone-reached.v1": #"""
    {"milestone":"00000000-0000-7000-8000-000000000001","on":"2019-04-01"}
    """#,
    "org.federwerk.measure.milestone-rescheduled.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"beyondTerm":true,"due":"2019-04-01","milestone":"0\#
    0000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.milestone-set.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"beyondTerm":true,"due":"2019-04-01","mandatory":tr\#
    ue,"milestone":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.measure.paused.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.measure.phase-ended.v1": #"""
    {"phase":"Größe „A“"}
    """#,
    "org.federwerk.measure.phase-started.v1": #"""
    {"phase":"Größe „A“"}
    """#,
    "org.federwerk.measure.prioritised.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"horizon":"slug-1","rank":7}
    """#,
    "org.federwerk.measure.progress-reported.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"condition":"slug-1","institution":"00000000-0000-7\#
    000-8000-000000000001","part":"contribution","percent":7}
    """#,
    "org.federwerk.measure.renumbered.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"code":"Größe „A“","numeral":"IV","part":"Größe „A“\#
    ","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.role-clarified.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"assignment":"00000000-0000-7000-8000-000000000001"\#
    ,"role":"unclear","source":["S2:688-692"]}
    """#,
    "org.federwerk.measure.reopened.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.measure.report-corrected.v1": #"""
    {"_sd":["G3lVkUPjtoSoMChbxP3ipydogQlSLxoxwy_BoDnR5fg","kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"abou\#
    t":"2019-04-01","condition":"slug-1","percent":7,"report":7}
    """#,
    "org.federwerk.measure.resources-noted.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"amount":7,"fund":"Größe „A“"}
    """#,
    "org.federwerk.measure.resumed.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"]}
    """#,
    "org.federwerk.measure.scheduled.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"from":"2019-04-01","until":"2019-04-01"}
    """#,
    "org.federwerk.measure.strategy-linked.v1": #"""
    {"link":"00000000-0000-7000-8000-000000000001","source":["S2:688-692"],"strategy":"00000000-0000-7000-8000\#
    -000000000001"}
    """#,
    "org.federwerk.measure.sub-measure-added.v1": #"""
    {"code":"Größe „A“","kind":"recurring","note":"Größe „A“","parent":"00000000-0000-7000-8000-000000000001",\#
    "part":"Größe „A“","source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.measure.support-granted.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"request":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.support-requested.v1": #"""
    {"_sd":["kPOtVqFDlHtm4xqHOPWoj2VyzakiZz1M26cASujwZDg"],"institution":"00000000-0000-7000-8000-000000000001\#
    ","request":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.measure.unclear-role-assigned.v1": #"""
    {"assignment":"00000000-0000-7000-8000-000000000001","condition":"Größe „A“","from":"2019-04-01","holder":\#
    "00000000-0000-7000-8000-000000000001","phase":"Größe „A“","range":"Größe „A“","source":["S2:688-692"],"su\#
    bject":"Größe „A“","until":"2019-04-01","wording":"Größe „A“"}
    """#,
    "org.federwerk.placeholder.registered.v1": #"""
    {"due":"2019-04-01","dueInferred":true,"label":"Größe „A“","slug":"slug-1","source":["S2:688-692"],"stewar\#
    d":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.plan.adopted.v1": #"""
    {"body":"slug-1","date":"2019-04-01","resolution":"Größe „A“","source":["S2:688-692"],"version":"00000000-\#
    0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.plan.closed.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"date":"2019-04-01","version":"00000000-0000-7000-8\#
    000-000000000001"}
    """#,
    "org.federwerk.placeholder.resolved.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"institutions":["00000000-0000-7000-8000-0000000000\#
    01"],"source":["S2:688-692"]}
    """#,
    "org.federwerk.plan.created.v1": #"""
    {"slug":"slug-1","source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.plan.cross-cutting-declared.v1": #"""
    {"cluster":"00000000-0000-7000-8000-000000000001","link":"00000000-0000-7000-8000-000000000001","source":[\#
    "S2:688-692"],"theme":"Größe „A“"}
    """#,
    "org.federwerk.plan.document-registered.v1": #"""
    {"key":"Größe „A“","sha256":"Größe „A“","title":"Größe „A“"}
    """#,
    "org.federwerk.plan.lists-configured.v1": #"""
    {"conditions":["slug-1"],"horizons":["slug-1"],"labels":[{"de":"Größe „A“","en":"Größe „A“","slug":"slug-1\#
    "}],"version":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.plan.link-ended.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"externalID":"Größe „A“","link":"00000000-0000-7000\#
    -8000-000000000001","programme":"slug-1"}
    """#,
    "org.federwerk.plan.other-title-noted.v1": #"""
    {"source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.plan.personal-data-erased.v1": #"""
    {"event":7,"fields":["Größe „A“"],"reason":"legal-obligation"}
    """#,
    "org.federwerk.plan.view-digest-recorded.v1": #"""
    {"digests":[{"digest":"Größe „A“","version":7,"view":"slug-1"}],"foldVersion":7,"position":7,"validAt":"2019-04-01"}
    """#,
    "org.federwerk.plan.source-cited.v1": #"""
    {"source":["S2:688-692"]}
    """#,
    "org.federwerk.plan.stated-figure-declared.v1": #"""
    {"counts":"task-fields","figure":"00000000-0000-7000-8000-000000000001","label":"Größe „A“","slug":"slug-1\#
    ","source":["S2:688-692"],"value":7}
    """#,
    "org.federwerk.plan.successor-started.v1": #"""
    {"predecessor":"00000000-0000-7000-8000-000000000001","version":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.plan.term-extended.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"source":["S2:688-692"],"until":"2019-04-01","versi\#
    on":"00000000-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.plan.version-registered.v1": #"""
    {"conditions":["slug-1"],"from":"2019-04-01","ladder":[{"body":"slug-1","mandate":"advise","slug":"slug-1"\#
    ,"title":"Größe „A“"}],"leadCap":7,"resolutionBody":"slug-1","resolutionDate":"2019-04-01","slug":"slug-1"\#
    ,"source":["S2:688-692"],"timeZone":"Größe „A“","title":"Größe „A“","until":"2019-04-01","version":"000000\#
    00-0000-7000-8000-000000000001"}
    """#,
    "org.federwerk.plan.wording-revised.v1": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"title":"Größe „A“"}
    """#,
    "org.federwerk.plan.wording-revised.v2": #"""
    {"_sd":["VV95_9svqCl8YKnfKzklgrC_YBs5vzhGhV2eA3jZO0k"],"source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.strategy.registered.v1": #"""
    {"slug":"slug-1","source":["S2:688-692"],"title":"Größe „A“"}
    """#,
    "org.federwerk.task-field.added.v1": #"""
    {"cluster":"00000000-0000-7000-8000-000000000001","description":"Größe „A“","number":7,"source":["S2:688-6\#
    92"],"title":"Größe „A“"}
    """#,
    "org.federwerk.theme-cluster.added.v1": #"""
    {"actionField":"00000000-0000-7000-8000-000000000001","slug":"slug-1","source":["S2:688-692"],"title":"Grö\#
    ße „A“"}
    """#,
  ]
}
