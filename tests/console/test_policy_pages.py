"""The console's policy pages: what is typed is kept, what is wrong stands beside its field, nobody's work is lost."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.actions.groups import create_group
from accounts.models import Role
from console.policy_edit import Settings, mark_of, rule_of
from moderation.actions import versions
from moderation.actions.versions import create_draft, publish, save_draft
from moderation.channel import Channel
from moderation.document import parse, to_yaml
from moderation.fold import Fold
from moderation.models import OrganizationPolicy, PolicyVersion
from moderation.policy import Case, Category, Classified, Mode, Patterns, Policy, Recognized, Rule, Terms
from moderation.queries import standing_of
from moderation.templates import TEMPLATES
from moderation.verdict import Verdict
from tests.cast import Cast, join, person
from tests.console.pages import Pages

RULE = Rule(
    id="project-names",
    title="Project names",
    category="projects",
    action=Verdict.BLOCK,
    channels=frozenset({Channel.PROMPT, Channel.ANSWER}),
    match=Terms(terms=("Bluebird", "Nightjar")),
)
POLICY = Policy(
    name="House rules",
    categories=(Category(id="projects", title="Projects", definition="Names of unannounced projects."),),
    rules=(RULE,),
    cases=(Case(text="Tell me of Bluebird", channel=Channel.PROMPT, expect=Verdict.BLOCK),),
)
TYPED = {
    "title": "Project names",
    "category": "projects",
    "kind": "terms",
    "terms": "Bluebird\r\nNightjar",
    "whole_words": "on",
    "ignore_terms": [one.value for one in Fold],
    "channels": ["prompt", "answer"],
    "action": "block",
    "severity": "2",
    "fails": "stop",
}


@pytest.fixture
def console(pages: Client, cast: Cast) -> Pages:
    return Pages(cast.alice)


@pytest.fixture
def draft(cast: Cast) -> PolicyVersion:
    return create_draft(acting=cast.alice, policy=POLICY)


def held(page: str, name: str) -> str:
    """Return what a field of a page holds."""
    found = re.search(rf'<textarea name="{name}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    found = found or re.search(rf'<input[^>]*name="{name}"(?: value="([^"]*)")?', page)
    assert found, name
    return (found[1] or "").replace("\r\n", "\n")


def policy_of(version: PolicyVersion) -> Policy:
    return parse(PolicyVersion.objects.get(id=version.id).document)


def test_an_organization_without_a_policy_is_offered_every_template(console: Pages, cast: Cast) -> None:
    page = console.read("policy")
    assert "No policy is enforced" in page
    for template in TEMPLATES:
        assert template.title in page
        assert template.sentence in page
    page = console.send("start-policy", template=TEMPLATES[1].id)
    assert "is now your draft" in page
    version = PolicyVersion.objects.get(organization=cast.organization)
    assert policy_of(version) == TEMPLATES[1].policy
    for rule in TEMPLATES[1].policy.rules:
        assert rule.title in page


def test_a_rule_is_told_in_a_sentence(console: Pages, draft: PolicyVersion) -> None:
    page = console.read("policy-version", draft.id)
    text = re.sub(r"<[^>]+>", "", page)
    assert "Looks for “Bluebird” or “Nightjar” in prompts and answers of everybody." in text
    assert "the answer ends" in text


def test_the_way_from_draft_to_enforced_and_back(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    assert "It can be published" in console.read("policy-version", draft.id)
    page = console.send("publish-policy", draft.id)
    assert "Run its golden cases first" in page
    assert standing_of(cast.organization.id).enforced is None
    assert "All pass" in console.send("run-policy-cases", draft.id)
    assert "is enforced. It holds for every answer" in console.send("publish-policy", draft.id)
    assert standing_of(cast.organization.id).enforced == draft
    console.send("new-policy", base=str(draft.id))
    newer = PolicyVersion.objects.get(organization=cast.organization, number=2)
    console.send("policy-settings", newer.id, **settings_of(newer), name="Newer rules")
    console.send("run-policy-cases", newer.id)
    assert "counts what it would do" in console.send("watch-policy", newer.id)
    assert standing_of(cast.organization.id).shadow == newer
    assert "No version watches" in console.send("stop-watching-policy")
    console.send("publish-policy", newer.id)
    assert "is enforced again" in console.send("return-policy", draft.id)
    assert standing_of(cast.organization.id).enforced == draft
    assert "everything passes" in console.send("stop-policy")
    assert standing_of(cast.organization.id).enforced is None


def settings_of(version: PolicyVersion) -> dict[str, str]:
    policy = policy_of(version)
    return {"summary": policy.summary, "keep": "on", "half_life_hours": "24", "mark": _settings_mark(version)}


def _settings_mark(version: PolicyVersion) -> str:
    return mark_of(Settings.of(policy_of(version), version.note))


def test_a_second_person_approves(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    console.send("policy-approval", required="1")
    assert OrganizationPolicy.objects.get(organization=cast.organization).second_approver
    console.send("run-policy-cases", draft.id)
    assert "must approve it before" in console.read("policy-version", draft.id)
    assert "somebody else must approve it" in console.send("approve-policy", draft.id)
    ada = Pages(join(cast.organization, person("Ada"), Role.ADMIN))
    assert "You have approved version 1" in ada.send("approve-policy", draft.id)
    assert "is enforced" in console.send("publish-policy", draft.id)


def test_a_discarded_draft_can_be_read_and_not_edited(console: Pages, draft: PolicyVersion) -> None:
    assert "is discarded" in console.send("discard-policy", draft.id)
    page = console.read("policy-version", draft.id)
    assert "Project names" in page
    assert console.at("policy-rule", draft.id, "project-names") not in page
    assert "This version can only be read now." in console.read("policy-rule", draft.id, "project-names")
    page = console.send("policy-rule", draft.id, "project-names", **TYPED, mark=mark(draft))
    assert "Only a draft can be changed" in page
    assert held(page, "terms") == "Bluebird\nNightjar"


def mark(version: PolicyVersion, rule_id: str = "project-names") -> str:
    return mark_of(rule_of(policy_of(version), rule_id))


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        (
            {"kind": "terms", "terms": "one\r\n\r\n two words \r\none", "ignore_terms": ["case"]},
            Terms(terms=("one", "two words"), whole_words=False, ignore=frozenset({Fold.CASE})),
        ),
        (
            {"kind": "patterns", "patterns": r"AC-\d{6}", "ignore_patterns": ["width"]},
            Patterns(patterns=(r"AC-\d{6}",), ignore=frozenset({Fold.WIDTH})),
        ),
        ({"kind": "recognizers", "names": ["email", "iban"]}, {"email", "iban"}),
        (
            {"kind": "classifier", "threshold": "70", "mode": "follow", "budget": "1.5"},
            Classified(threshold=0.7, mode=Mode.FOLLOW, budget_ms=1500),
        ),
    ],
    ids=["terms", "patterns", "recognizers", "classifier"],
)
def test_every_kind_of_rule_can_be_made_and_comes_back(
    console: Pages, cast: Cast, draft: PolicyVersion, typed: dict[str, object], match: object
) -> None:
    create_group(acting=cast.alice, name="Red team")
    common = {
        "title": "A new one!",
        "category": "projects",
        "channels": ["reasoning", "title"],
        "roles": ["member"],
        "groups": ["Red team"],
        "action": "hold",
        "severity": "3",
        "fails": "pass",
    }
    assert "is saved" in console.send("new-policy-rule", draft.id, **common, **typed)
    made = policy_of(draft).rules[-1]
    assert (made.id, made.title, made.action, made.severity) == ("a-new-one", "A new one!", Verdict.HOLD, 3)
    assert (made.roles, made.groups, made.fails_open) == (frozenset({"member"}), frozenset({"Red team"}), True)
    assert made.channels == {Channel.REASONING, Channel.TITLE}
    if isinstance(made.match, Recognized):
        assert set(made.match.names) == match
    else:
        assert made.match == match
    page = console.read("policy-rule", draft.id, made.id)
    if isinstance(made.match, Terms):
        assert held(page, "terms") == "one\ntwo words"
    elif isinstance(made.match, Patterns):
        assert held(page, "patterns") == r"AC-\d{6}"
    elif isinstance(made.match, Classified):
        assert (held(page, "threshold"), held(page, "budget")) == ("70", "1.5")
    else:
        assert len(re.findall(r'name="names" value="(?:email|iban)"[^>]*checked', page)) == 2
    assert re.search(r'name="groups" value="Red team"[^>]*checked', page)
    assert re.search(rf'name="kind" value="{typed["kind"]}"[^>]*checked', page)


def test_a_new_category_is_made_with_its_rule(console: Pages, draft: PolicyVersion) -> None:
    typed = {**TYPED, "title": "Rivals", "category": "+"}
    page = console.send("new-policy-rule", draft.id, **typed)
    assert "Give the new category a name." in page
    console.send(
        "new-policy-rule", draft.id, **typed, new_category="Other companies", new_definition="Rivals of ours."
    )
    policy = policy_of(draft)
    assert policy.rules[-1].category == "other-companies"
    assert policy.category("other-companies").definition == "Rivals of ours."


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "This field is required."),
        ({"terms": " \r\n"}, "List at least one word or phrase."),
        ({"channels": []}, "Name at least one channel to read."),
        ({"kind": "patterns", "patterns": "fine\r\n(open"}, "“(open”: "),
        ({"kind": "recognizers", "names": []}, "Name at least one recognizer."),
        ({"terms": "x" * 300}, "“xxx"),
    ],
)
def test_what_is_wrong_with_a_rule_stands_beside_its_field(
    console: Pages, draft: PolicyVersion, typed: dict[str, object], words: str
) -> None:
    page = console.send("new-policy-rule", draft.id, **{**TYPED, **typed})
    errors = re.findall(r'<ul class="errors"[^>]*>(.*?)</ul>', page, re.DOTALL)
    assert any(words in error for error in errors), errors
    assert len(policy_of(draft).rules) == 1


def test_a_classifier_rule_needs_a_definition(console: Pages, draft: PolicyVersion) -> None:
    typed = {**TYPED, "kind": "classifier", "threshold": "50", "category": "+", "new_category": "Vague"}
    page = console.send("new-policy-rule", draft.id, **typed)
    assert "give the category “vague” a definition" in page
    assert len(policy_of(draft).rules) == 1


def test_a_file_of_words_is_added_to_what_is_typed(console: Pages, draft: PolicyVersion) -> None:
    file = SimpleUploadedFile("words.txt", "\ufeffThird\nBluebird\r\nÄpfel\n".encode())
    typed = {**TYPED, "title": "More names", "terms_file": file}
    console.send("new-policy-rule", draft.id, **typed)
    made = policy_of(draft).rules[-1]
    assert made.match == Terms(terms=("Bluebird", "Nightjar", "Third", "Äpfel"))
    bad = SimpleUploadedFile("words.doc", b"\xd0\xcf\x11\xe0")
    page = console.send("new-policy-rule", draft.id, **{**typed, "title": "Bad", "terms_file": bad})
    assert "This is no text file" in page
    # What was read stays in the form when something else is wrong.
    again = SimpleUploadedFile("words.txt", b"Fourth")
    page = console.send("new-policy-rule", draft.id, **{**typed, "title": "", "terms_file": again})
    assert held(page, "terms").splitlines() == ["Bluebird", "Nightjar", "Fourth"]


def test_a_rule_is_copied_and_removed(console: Pages, draft: PolicyVersion) -> None:
    console.send("duplicate-policy-rule", draft.id, "project-names")
    assert [rule.id for rule in policy_of(draft).rules] == ["project-names", "project-names-2"]
    console.send("remove-policy-rule", draft.id, "project-names")
    assert [rule.id for rule in policy_of(draft).rules] == ["project-names-2"]


def test_two_people_edit_different_rules_and_both_are_kept(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    opened = mark(draft)
    theirs = replace(RULE, id="theirs", title="Theirs")
    policy = Policy(name="House rules", categories=POLICY.categories, rules=(RULE, theirs), cases=POLICY.cases)
    save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy)
    page = console.send("policy-rule", draft.id, RULE.id, **{**TYPED, "terms": "Mine"}, mark=opened)
    assert "is saved" in page
    kept = policy_of(draft)
    assert [rule.id for rule in kept.rules] == ["project-names", "theirs"]
    assert kept.rules[0].match == Terms(terms=("Mine",))


def test_two_people_edit_one_rule_and_the_later_is_told(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    opened = mark(draft)
    theirs = replace(RULE, match=Terms(terms=("Theirs",)))
    policy = Policy(name="House rules", categories=POLICY.categories, rules=(theirs,), cases=POLICY.cases)
    save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy)
    page = console.send("policy-rule", draft.id, RULE.id, **{**TYPED, "terms": "Mine"}, mark=opened)
    assert "Somebody else has saved this while you were writing" in page
    assert "Theirs" in page
    assert held(page, "terms") == "Mine"
    assert policy_of(draft).rules == (theirs,)
    page = console.send("policy-rule", draft.id, RULE.id, **{**TYPED, "terms": "Mine"}, mark=held(page, "mark"))
    assert policy_of(draft).rules[0].match == Terms(terms=("Mine",))


def test_a_rule_that_was_removed_meanwhile_is_not_lost(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    opened = mark(draft)
    policy = Policy(name="House rules", categories=POLICY.categories, cases=POLICY.cases)
    save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy)
    page = console.send("policy-rule", draft.id, RULE.id, **TYPED, mark=opened)
    assert "Somebody else has saved this" in page
    console.send("policy-rule", draft.id, RULE.id, **TYPED, mark=held(page, "mark"))
    assert policy_of(draft).rules == (RULE,)


def test_golden_cases_fail_until_the_policy_is_right(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    case = {"text": "Nothing special", "channel": "answer", "expect": "redact", "note": "To see it fail"}
    assert "is saved" in console.send("new-policy-case", draft.id, **case)
    page = console.send("run-policy-cases", draft.id)
    assert "Not all golden cases pass" in page and "The golden cases pass." not in page
    assert "1 fails" in page
    assert ", found: <b>Passes</b>" in page
    assert "Run its golden cases first" in console.send("publish-policy", draft.id)
    name = re.search(r"cases/([0-9a-f]+)/\"", page)
    assert name
    opened = console.read("policy-case", draft.id, name[1])
    assert held(opened, "text") == "Nothing special"
    console.send("policy-case", draft.id, name[1], **{**case, "expect": "allow"}, mark=held(opened, "mark"))
    page = console.send("run-policy-cases", draft.id)
    assert "All pass" in page and "The golden cases pass." in page
    assert {one.expect for one in policy_of(draft).cases} == {Verdict.ALLOW, Verdict.BLOCK}
    console.send("remove-policy-case", draft.id, _case_name(console, draft, "Nothing special"))
    assert policy_of(draft).cases == POLICY.cases


def _case_name(console: Pages, draft: PolicyVersion, text: str) -> str:
    return next(mark_of(one) for one in policy_of(draft).cases if one.text == text)


def test_a_case_that_somebody_else_changed_is_not_lost(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    name = _case_name(console, draft, "Tell me of Bluebird")
    policy = Policy(name="House rules", categories=POLICY.categories, rules=POLICY.rules)
    save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy)
    case = {"text": "Tell me of Nightjar", "channel": "prompt", "expect": "block", "note": ""}
    page = console.send("policy-case", draft.id, name, **case, mark=name)
    assert "Somebody else has saved this" in page
    console.send("policy-case", draft.id, name, **case, mark=held(page, "mark"))
    assert [one.text for one in policy_of(draft).cases] == ["Tell me of Nightjar"]


def test_categories_are_edited_and_removed_when_nothing_uses_them(console: Pages, draft: PolicyVersion) -> None:
    opened = console.read("policy-category", draft.id, "projects")
    assert "Used by: Project names." in opened
    typed = {"title": "Secret projects", "definition": "What nobody knows.\r\nYet."}
    console.send("policy-category", draft.id, "projects", **typed, mark=held(opened, "mark"))
    assert policy_of(draft).category("projects") == Category(
        id="projects", title="Secret projects", definition="What nobody knows.\nYet."
    )
    console.send("new-policy-category", draft.id, title="Ärger & Co", definition="")
    assert policy_of(draft).categories[-1].id == "arger-co"
    console.send("remove-policy-category", draft.id, "arger-co")
    assert [one.id for one in policy_of(draft).categories] == ["projects"]


def test_settings_are_kept_and_steps_must_rise(console: Pages, draft: PolicyVersion) -> None:
    opened = console.read("policy-settings", draft.id)
    typed = {
        "name": "Renamed",
        "note": "Spring cleaning",
        "summary": "Two\r\nlines",
        "half_life_hours": "12",
        "warn": "5",
        "suspend": "2",
        "mark": held(opened, "mark"),
    }
    page = console.send("policy-settings", draft.id, **typed)
    assert "This must not be below “warn”" in page
    console.send("policy-settings", draft.id, **{**typed, "suspend": "50"})
    policy = policy_of(draft)
    assert (policy.name, policy.summary, policy.keep) == ("Renamed", "Two\nlines", False)
    assert (policy.risk.half_life_hours, policy.risk.warn, policy.risk.slow, policy.risk.suspend) == (12, 5, None, 50)
    assert policy.rules == POLICY.rules
    assert PolicyVersion.objects.get(id=draft.id).note == "Spring cleaning"


def test_what_changed_is_said_in_words(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    versions.test(acting=cast.alice, version_id=draft.id)
    publish(acting=cast.alice, version_id=draft.id)
    console.send("new-policy", base=str(draft.id))
    newer = PolicyVersion.objects.get(organization=cast.organization, number=2)
    typed = {**TYPED, "terms": "Bluebird\r\nKingfisher", "action": "redact", "roles": ["member"]}
    console.send("policy-rule", newer.id, RULE.id, **typed, mark=mark(newer))
    console.send("new-policy-rule", newer.id, **{**TYPED, "title": "Another"})
    page = console.read("policy-version", newer.id)
    for words in (
        "Words: 1 added: “Kingfisher”.",
        "Words: 1 taken out: “Nightjar”.",
        "What happens: Redact it; before, Block it.",
        "It holds for: members; before, everybody.",
        "Rule “Another”",
    ):
        assert words in page


def test_yaml_goes_out_and_comes_back(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    answer = console.browser.get(console.at("export-policy", draft.id))
    assert answer["Content-Disposition"] == 'attachment; filename="house-rules-1.yaml"'
    text = answer.content.decode()
    assert text == to_yaml(POLICY)
    assert "Bluebird" in console.read("policy-text", draft.id)
    file = SimpleUploadedFile("policy.yaml", text.encode())
    assert "is imported as version 2" in console.send("import-policy", file=file)
    assert parse(PolicyVersion.objects.get(organization=cast.organization, number=2).document) == POLICY
    page = console.send("import-policy", text="name: Mine\nruels: []")
    assert "Did you mean “rules”?" in page
    assert "ruels" in held(page, "text")
    assert "Paste a policy, or choose a file." in console.send("import-policy", text="")


def trial(console: Pages, draft: PolicyVersion, text: str, **more: object) -> str:
    typed = {"trial-text": text, "trial-role": "member", **{f"trial-{name}": value for name, value in more.items()}}
    answer = console.browser.post(console.at("try-policy", draft.id), typed)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_trial_says_what_each_channel_would_do_and_why(console: Pages, draft: PolicyVersion) -> None:
    page = trial(console, draft, "Ask <b>Bluebird</b> now")
    assert 'Ask &lt;b&gt;<mark class="verdict-block">Bluebird</mark>&lt;/b&gt; now' in page
    assert "Prompts and Answers" in page
    assert "<b>Project names</b> (Projects) found “Bluebird”." in page
    assert "Nothing is found" in page
    assert "Nothing is found" in trial(console, draft, "Ask blackbird now")
    assert trial(console, draft, "").strip() == ""
    assert "at most 20000" in trial(console, draft, "x" * 20_001)


def test_a_trial_is_of_the_chosen_role_and_group(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    create_group(acting=cast.alice, name="Lab")
    rule = replace(RULE, roles=frozenset({"reviewer"}), groups=frozenset({"Lab"}))
    policy = Policy(name="House rules", categories=POLICY.categories, rules=(rule,))
    save_draft(acting=cast.alice, version_id=draft.id, revision=1, policy=policy)
    assert "verdict-block" not in trial(console, draft, "Bluebird")
    assert "verdict-block" in trial(console, draft, "Bluebird", role="reviewer")
    assert "verdict-block" in trial(console, draft, "Bluebird", groups=["Lab"])


def test_patterns_are_explained_one_by_one(console: Pages) -> None:
    typed = {"patterns": "\\bC-\\d{4,8}\\b\r\n(open\r\n<b>\r\n\\.x+"}
    page = html.unescape(console.browser.post(console.at("check-policy-patterns"), typed).content.decode())
    assert page.count("<li") == 4
    assert page.count('class="wrong"') == 1
    assert "Finds the edge of a word, then “C-”, then 4 to 8 digits, then the edge of a word. At most 10" in page
    assert "Finds “.”, then 1 or more times “x”." in page
    assert re.search(r"read as <code>\\.x\{1,\d+\}</code>", page)


def test_a_waiting_time_is_told_in_words(console: Pages) -> None:
    said = console.browser.post(console.at("policy-delay"), {"budget": "1.5"}).content.decode()
    assert said.count("1.5 seconds") == 2
    assert console.browser.post(console.at("policy-delay"), {"budget": "soon"}).content.decode().strip() == ""


def test_a_reviewer_reads_and_changes_nothing(console: Pages, cast: Cast, draft: PolicyVersion) -> None:
    grace = Pages(join(cast.organization, person("Grace"), Role.REVIEWER))
    assert "Project names" in grace.read("policy-version", draft.id)
    assert grace.at("new-policy-rule", draft.id) not in grace.read("policy-version", draft.id)
    assert "House rules" in grace.read("policy")
    for name, places in (("publish-policy", [draft.id]), ("new-policy", []), ("try-policy", [draft.id])):
        assert grace.browser.post(grace.at(name, *places)).status_code == 404


def test_a_policy_of_another_organization_is_not_there(console: Pages, cast: Cast) -> None:
    theirs = create_draft(acting=cast.charlie, policy=POLICY)
    assert console.browser.get(console.at("policy-version", theirs.id)).status_code == 404
    assert console.browser.get(console.at("policy-version", uuid.uuid4())).status_code == 404
    answer = console.browser.post(console.at("new-policy"), {"base": str(theirs.id)})
    assert answer.status_code == 404


def test_an_admin_cannot_do_without_the_second_person_again(console: Pages, cast: Cast) -> None:
    ada = Pages(join(cast.organization, person("Ada"), Role.ADMIN))
    assert "A second person must approve" in ada.send("policy-approval", required="1")
    page = ada.read("policy")
    assert "Only an owner can change this." in page and "One person is enough" not in page
    assert "Only an owner can let one person publish alone." in ada.send("policy-approval")
    assert OrganizationPolicy.objects.get(organization=cast.organization).second_approver
    assert "One person is enough to publish now." in console.send("policy-approval")
    assert not OrganizationPolicy.objects.get(organization=cast.organization).second_approver
