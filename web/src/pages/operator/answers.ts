import type { Output } from "../../api.ts";

/** What the desk's pages hand each other of the server's answers. */
export type Cinema = Output<"cinema.list">["cinemas"][number];
export type HallSummary = Output<"cinema.getOne">["halls"][number];
