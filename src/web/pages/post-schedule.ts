import type { Request, RequestHandler } from "express";
import { calendarDate } from "#sequent";
import { CancelSchedule, SchedulePost } from "../../domain/post/commands.ts";
import { AddressNotConfirmed, PostAlreadyPublished } from "../../domain/post/errors.ts";
import { localTimeOf, timeZones } from "../../domain/shared/time-zone.ts";
import { form } from "../forms/description.ts";
import { type FormPage, newForm, showForm } from "../forms/form-page.ts";
import { redirect, type Submission } from "../forms/forms.ts";
import { envelopeOf } from "../forms/hidden-fields.ts";
import { signedIn } from "../visitor.ts";
import { type OfPost, onlyForAuthor, ownPost } from "./post-rights.ts";
import type { PageParts } from "./resources.ts";

const scheduleForm = form([SchedulePost], {
  dueAt: { label: "Day and time", inputType: "datetime-local" },
  timeZone: { label: "Time zone", inputType: "select", hint: "Next time, it will be chosen already." },
});

/** The pages need no script, so nobody can ask the browser for its time zone. The last choice is offered again. */
export function schedulePost({ commandService, queries }: PageParts) {
  const page: FormPage<OfPost> = {
    form: scheduleForm,
    view: "posts/schedule",
    refusals: [AddressNotConfirmed],
    locals: ({ params: { postId } }) => ({ postId }),
    options: () => ({ timeZone: Object.fromEntries(timeZones().map((name) => [name, nameOf(name)])) }),
  };
  return {
    page,
    async take(req) {
      const { postId } = req.params;
      const given = { ...envelopeOf(req), aggregateId: postId };
      const command = await SchedulePost.fromParams(req.body, given).catch(onlyForAuthor(req, queries));
      await commandService.executeCommands(command).catch(onlyForAuthor(req, queries));
      return redirect(`/posts/${postId}`, "Post scheduled");
    },
  } satisfies Submission<OfPost>;
}

export function showScheduleForm({ queries }: PageParts, page: FormPage<OfPost>): RequestHandler<OfPost> {
  return async (req, res) => {
    const { aggregate_id, publication_date, due_at, time_zone } = await ownPost(req, queries);
    if (publication_date)
      throw new PostAlreadyPublished(aggregate_id, calendarDate(new Date(publication_date)));
    const dueAt = due_at && time_zone ? localTimeOf(due_at, time_zone) : "";
    const timeZone = time_zone ?? (await lastTimeZoneOf(req));
    await showForm(req, res, page, newForm(page, { dueAt, timeZone }));
  };

  async function lastTimeZoneOf(req: Request<OfPost>): Promise<string> {
    return (await queries.ask({ type: "TimeZoneOfAuthor", authorId: signedIn(req).id })) ?? "";
  }
}

export function cancelSchedule({ commandService, queries }: PageParts): Submission<OfPost> {
  return {
    async take(req) {
      const aggregateId = req.params.postId;
      const command = await CancelSchedule.fromParams({}, { ...envelopeOf(req), aggregateId });
      await commandService.executeCommands(command).catch(onlyForAuthor(req, queries));
      return redirect(`/posts/${aggregateId}`, "Schedule cancelled. It is a draft again.");
    },
  };
}

/** "America/New York" */
function nameOf(timeZone: string): string {
  return timeZone.replaceAll("_", " ");
}
