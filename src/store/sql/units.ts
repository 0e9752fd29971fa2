import type { Change, Condition, Unit } from "../unit.ts";
import { asideChange, asideCheck } from "./aside.ts";
import { blobNameChange, blobNameCheck } from "./blob-names.ts";
import { configurationChange } from "./configurations.ts";
import { declarationChange, declarationCheck } from "./declarations.ts";
import { deliveryChange, deliveryCheck } from "./deliveries.ts";
import { destinationChange, destinationCheck } from "./destinations.ts";
import { editChange, editCheck } from "./edits.ts";
import { functionChange, functionCheck } from "./functions.ts";
import { identityChange, identityCheck } from "./identities.ts";
import { invocationChange } from "./invocations.ts";
import { issuerLinkChange, issuerLinkCheck } from "./issuer-links.ts";
import { keptMailChange } from "./kept-mails.ts";
import { mailboxChange, mailboxCheck } from "./mailboxes.ts";
import { objectChange, objectCheck } from "./objects.ts";
import { operationChange, operationCheck } from "./operations.ts";
import { quotaChange } from "./quotas.ts";
import { receivedEventChange, receivedEventCheck } from "./received-events.ts";
import { resourceChange, resourceCheck } from "./registered.ts";
import { resolverChange, resolverCheck } from "./resolvers.ts";
import { sessionChange, sessionCheck } from "./sessions.ts";
import type { Check, Step } from "./step.ts";
import { subscriberCheck } from "./subscribers.ts";
import { subscriptionChange, subscriptionCheck } from "./subscriptions.ts";
import { userChange, userCheck } from "./users.ts";

/** A unit's conditions and changes as SQL. Check `i` is of condition `i`: a refusal is reported by its index. */
export function unitSteps(unit: Unit): { checks: Check[]; steps: Step[] } {
  return { checks: (unit.conditions ?? []).map(check), steps: (unit.changes ?? []).flatMap(steps) };
}

function check(condition: Condition): Check {
  switch (condition.if) {
    case "mailbox.askable":
    case "questions.fewer":
      return mailboxCheck(condition);
    case "tenant.absent":
    case "tenant.exists":
    case "principal.absent":
    case "principal.ended":
    case "principal.is":
    case "accessKey.absent":
    case "grant.exists":
      return identityCheck(condition);
    case "loginCode.open":
      return sessionCheck(condition);
    case "issuerLink.free":
    case "issuerLink.is":
      return issuerLinkCheck(condition);
    case "bucket.nameFree":
    case "bucket.live":
    case "bucket.empty":
    case "object.version":
    case "upload.open":
    case "upload.changes":
    case "part.blob":
      return objectCheck(condition);
    case "blob.live":
      return blobNameCheck(condition);
    case "subscription.revision":
    case "subscriptions.fewer":
      return subscriptionCheck(condition);
    case "destination.nameFree":
    case "destinations.fewer":
    case "destination.live":
    case "destination.revision":
    case "destination.usersFewer":
      return destinationCheck(condition);
    case "event.poisoned":
      return asideCheck(condition);
    case "delivery.finished":
    case "delivery.absent":
    case "redrive.running":
      return deliveryCheck(condition);
    case "app.slugFree":
    case "apps.fewer":
    case "app.exists":
    case "app.empty":
    case "function.slugFree":
    case "functions.fewer":
    case "function.revision":
      return functionCheck(condition);
    case "edit.is":
      return editCheck(condition);
    case "subscriber.absent":
    case "subscriptions.noneSince":
    case "subscribers.fewer":
      return subscriberCheck(condition);
    case "user.nameFree":
    case "user.revision":
      return userCheck(condition);
    case "remembered.absent":
    case "intent.open":
      return operationCheck(condition);
    case "resolver.unchanged":
      return resolverCheck(condition);
    case "resource.live":
    case "resource.absent":
    case "registered.revision":
      return resourceCheck(condition);
    case "received.absent":
      return receivedEventCheck(condition);
    case "declaration.is":
    case "declarations.are":
    case "declarations.fewer":
    case "declaration.subscribed":
    case "declaration.unused":
      return declarationCheck(condition);
    default:
      return condition satisfies never;
  }
}

function steps(change: Change): Step[] {
  switch (change.do) {
    case "quota.put":
      return quotaChange(change);
    case "tenant.add":
    case "principal.put":
    case "principal.end":
    case "principal.lowered":
    case "token.put":
    case "token.revoke":
    case "accessKey.put":
    case "accessKey.remove":
    case "grant.put":
    case "grant.remove":
      return identityChange(change);
    case "session.add":
    case "session.seen":
    case "session.remove":
    case "loginCode.add":
    case "loginCode.remove":
      return sessionChange(change);
    case "issuerLink.put":
    case "issuerLink.remove":
      return issuerLinkChange(change);
    case "question.ask":
    case "question.sent":
    case "question.unsent":
    case "question.answered":
    case "refusal.put":
    case "refusal.remove":
      return mailboxChange(change);
    case "mail.keep":
      return keptMailChange(change);
    case "configuration.put":
    case "configuration.remove":
      return configurationChange(change);
    case "bucket.add":
    case "bucket.remove":
    case "object.put":
    case "object.remove":
    case "upload.add":
    case "upload.remove":
    case "part.put":
      return objectChange(change);
    case "blob.add":
    case "blob.used":
    case "blob.unwanted":
    case "blob.doomed":
    case "blob.forget":
      return blobNameChange(change);
    case "subscription.add":
    case "subscription.change":
    case "subscription.remove":
    case "subscription.access":
    case "subscription.take":
      return subscriptionChange(change);
    case "destination.add":
    case "destination.change":
    case "destination.remove":
      return destinationChange(change);
    case "event.aside":
    case "event.done":
      return asideChange(change);
    case "delivery.add":
    case "delivery.redrive":
    case "delivery.forward":
    case "delivery.clear":
    case "redrive.add":
    case "redrive.cancel":
      return deliveryChange(change);
    case "app.add":
    case "app.change":
    case "app.remove":
    case "function.add":
    case "function.change":
    case "function.remove":
    case "version.add":
    case "version.keep":
      return functionChange(change);
    case "edit.note":
    case "edit.end":
      return editChange(change);
    case "invocation.put":
      return invocationChange(change);
    case "user.add":
    case "user.put":
    case "user.remove":
    case "userSchema.put":
      return userChange(change);
    case "decision.add":
    case "remembered.add":
    case "remembered.answer":
    case "intent.add":
    case "intent.remove":
    case "intent.end":
    case "intent.transaction":
    case "intent.unresolved":
      return operationChange(change);
    case "resolver.put":
    case "resolver.remove":
      return resolverChange(change);
    case "registered.put":
    case "registered.remove":
    case "resource.end":
      return resourceChange(change);
    case "received.add":
      return receivedEventChange(change);
    case "declaration.put":
    case "declaration.remove":
      return declarationChange(change);
    default:
      return change satisfies never;
  }
}
