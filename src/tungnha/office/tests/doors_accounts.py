"""The second step of signing in, one's own page, people and roles, and the audit trail."""

from tungnha.accounts import services
from tungnha.accounts.roles import Action
from tungnha.office.tests.doors import WARD, Door, Need

SENT_BACK, REFUSED = Need(None, answer=302), Need(None, answer=400)
MANAGE, DONE = Need(Action.MANAGE, WARD), Need(Action.MANAGE, WARD, 302)

DOORS = {
    "second-factor": Door(get=SENT_BACK, post=SENT_BACK),  # these people have none
    "second-factor-new": Door(get=Need(None), post=REFUSED),
    "outside": Door(get=Need(None, answer=404), public=True),  # no identity provider is set
    "outside-return": Door(get=Need(None, answer=404), public=True),
    "invitation": Door(("token",), get=Need(None, answer=410), post=Need(None, answer=410), public=True),
    "invitation-outside": Door(("token",), get=Need(None, answer=302), public=True),
    "me": Door(get=Need(None)),
    "my-password": Door(post=REFUSED),
    "my-codes": Door(post=SENT_BACK),
    "my-app-remove": Door(post=SENT_BACK),
    "my-passkey-remove": Door(("passkey",), post=SENT_BACK),
    "my-sessions-end": Door(post=SENT_BACK),
    "people": Door(get=Need(Action.MANAGE)),
    "person-new": Door(get=Need(Action.MANAGE), post=Need(Action.MANAGE, answer=400)),
    "person": Door(("person",), get=MANAGE),
    "role-new": Door(("person",), post=Need(Action.MANAGE, WARD, 400)),
    "person-link": Door(("person",), post=MANAGE),
    "person-reset": Door(("person",), post=DONE),
    "person-unlock": Door(("person",), post=DONE),
    "person-identity": Door(("person",), post=Need(Action.MANAGE, WARD, 400)),
    "role-end": Door(("role",), post=DONE),
    "audit": Door(get=Need(Action.AUDIT)),
}


def objects(world):
    person = services.create_user("tinh-nguyen", "mật khẩu thật dài 9")
    held = services.grant_role(person, "volunteer", world.ward)
    return {"person": person, "role": held, "token": "khong-con", "passkey": "1"}
