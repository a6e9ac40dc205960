// What builder and result of a funnel agree on (docs/behaviour.md).

export const WINDOW_HOURS = "24";
export const GROUPINGS = ["session_id", "profile_id"] as const;
