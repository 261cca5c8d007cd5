import { Event, string } from "../../framework/index.ts";

export class AuthorAdded extends Event("AuthorAdded") {}
export class AuthorNameSet extends Event("AuthorNameSet", { name: string() }) {}
export class AuthorEmailSet extends Event("AuthorEmailSet", { email: string() }) {}
