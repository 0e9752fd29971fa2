import assert from "node:assert/strict";
import { it } from "node:test";
import { operationIdOf } from "./operation-ids.ts";

const names = [
  ["GET /api/cloud/users/", "listUsers"],
  ["POST /api/cloud/users/", "createUser"],
  ["PATCH /api/cloud/users/:id/", "updateUser"],
  ["PUT /api/cloud/users/schema/", "setUserSchema"],
  ["GET /api/cloud/access-keys/", "listAccessKeys"],
  ["DELETE /api/cloud/access-keys/:id/", "deleteAccessKey"],
  ["POST /api/cloud/buckets/:bucket/notifications/", "createRule"],
  ["POST /api/cloud/buckets/:bucket/notifications/:id/rotate-secret/", "rotateRuleSecret"],
  ["POST /api/cloud/subscriptions/:id/resume/", "resumeSubscription"],
  ["POST /api/cloud/deliveries/redrive/", "createRedrive"],
  ["POST /api/cloud/deliveries/:id/redrive/", "redriveDelivery"],
  ["GET /api/cloud/deliveries/", "listDeliveries"],
  ["POST /api/cloud/poisoned/:id/redrive/", "redrivePoisonedEvent"],
  ["PUT /api/cloud/alerts/", "setAlertTarget"],
  ["PUT /api/cloud/resources/:uuid/pems/:username/", "setPermission"],
  ["GET /api/cloud/usage/", "getUsage"],
  ["GET /api/apps/:app/events/", "listAppEvents"],
  ["GET /api/apps/:app/functions/:fn/versions/", "listFunctionVersions"],
  ["GET /api/apps/:app/functions/:fn/versions/:version/", "getFunctionVersion"],
  ["POST /api/apps/:app/functions/:fn/versions/:version/activate/", "activateFunctionVersion"],
  ["POST /api/apps/:app/functions/:fn/invoke", "invokeFunction"],
  ["DELETE /notifications/v2/:uuid/attempts/", "deleteNotificationAttempts"],
  ["DELETE /notifications/v2/:uuid/attempts/:attempt/", "deleteNotificationAttempt"],
  ["PUT /notifications/v2/:uuid/", "setNotification"],
  ["POST /notifications/v2/:uuid/", "setNotificationByPost"],
  ["GET /profiles/v2/:username/", "getProfile"],
] as const;

for (const [route, name] of names) {
  it(`${route} is the operation ${name}`, () => {
    const [method = "", path = ""] = route.split(" ");
    assert.equal(operationIdOf(method, path), name);
  });
}
