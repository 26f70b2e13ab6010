/** The first script of every page for members: htmx, a few small habits, and the islands, each fetched when its element is there. */
import "htmx.org";
import { mountAll } from "./mount";
import { showRefusals } from "./refusal";
import { showCurrentRoom } from "./rooms";
import { guardSubmits } from "./submit";
import { nameTransitions } from "./transition";

guardSubmits();
showCurrentRoom();
showRefusals();
nameTransitions();
mountAll({
  autosubmit: () => import("./autosubmit"),
  card: () => import("./card"),
  fields: () => import("./fields"),
  gallery: () => import("./gallery"),
  model: () => import("./model"),
  notice: () => import("./notice"),
  option: () => import("./option"),
  passkey: () => import("./passkey"),
  progress: () => import("./progress"),
  search: () => import("./search"),
  sheet: () => import("./sheet"),
});
