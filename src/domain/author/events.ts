import { Event, oneOf, optional, personal, string } from "#sequent";

export class AuthorAdded extends Event("AuthorAdded") {}
export class AuthorNameSet extends Event("AuthorNameSet", { name: personal(string()) }) {}
export class AuthorEmailSet extends Event("AuthorEmailSet", { email: personal(string()) }) {}
/** The address is theirs: they have opened a link that was sent to it. */
export class AuthorEmailConfirmed extends Event("AuthorEmailConfirmed", { email: personal(string()) }) {}
export class AuthorMailsChosen extends Event("AuthorMailsChosen", { mails: oneOf("on", "off") }) {}
export class AuthorErased extends Event("AuthorErased", { by: string(), reason: optional(string()) }) {}
