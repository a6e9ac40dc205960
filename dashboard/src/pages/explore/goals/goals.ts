/** As many series as a chart may have, but one: that of all visitors. */
export const MAX_GOALS = 25;
