/** The office: the same habits, and the keyboard for dense tables. */
import "htmx.org";
import { showCurrentRoom } from "./rooms";
import { moveThroughRows } from "./rows";
import { mountAll } from "./mount";
import { guardSubmits } from "./submit";

guardSubmits();
moveThroughRows();
showCurrentRoom();
mountAll({
  autosubmit: () => import("./autosubmit"),
  notice: () => import("./notice"),
  passkey: () => import("./passkey"),
  sheet: () => import("./sheet"),
});
