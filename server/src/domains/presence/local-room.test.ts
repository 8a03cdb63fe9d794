import { expect, it } from "vitest";
import type { Connection } from "../../core/connection.js";
import { encodeReport, LocalRoom } from "./local-room.js";

const noUpdate = { state: "", profile: "" };

function tabOf(id: string): Connection {
  const user = { id, name: null, avatar: null, isGuest: false };
  return { caller: { kind: "user", user } } as Connection;
}

/** A room in which Redis has confirmed a user with one connection. */
function roomWith(user: string, tab: Connection): LocalRoom {
  const room = new LocalRoom("den");
  void room.enter(user, tab, noUpdate);
  room.confirm(room.takeReports(1), [JSON.stringify(["1", "1", "1", "", ""])]);
  return room;
}

function nextKind(room: LocalRoom): string {
  const [report] = room.takeReports(1);
  return encodeReport(room.name, report!).kind;
}

it("PR2: a user who left while an earlier report failed is reported as left, and gets no grace", () => {
  const tab = tabOf("ann");
  const room = roomWith("ann", tab);
  room.exit("ann", tab, false);
  const lost = room.takeReports(1);
  const again = tabOf("ann");
  room.enter("ann", again, noUpdate).record.catch(() => {});
  room.exit("ann", again, true);
  room.fail(lost, new Error("away"));
  expect(nextKind(room)).toBe("left");
});

it("PR2: a user whose connection closed while the report of an earlier leave failed gets the grace", () => {
  const tab = tabOf("ann");
  const room = roomWith("ann", tab);
  room.exit("ann", tab, true);
  const left = room.takeReports(1);
  const again = tabOf("ann");
  room.enter("ann", again, noUpdate).record.catch(() => {});
  room.exit("ann", again, false);
  room.fail(left, new Error("away"));
  expect(nextKind(room)).toBe("lost");
});

it("PR2: announcing a user while the report of the leave fails does not give the user a grace", () => {
  const tab = tabOf("ann");
  const room = roomWith("ann", tab);
  room.exit("ann", tab, true);
  const left = room.takeReports(1);
  room.announce(["ann"]);
  room.fail(left, new Error("away"));
  expect(nextKind(room)).toBe("left");
});
