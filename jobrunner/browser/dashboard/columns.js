/** The columns of the history, but for the box and the buttons. */

export const COLUMNS = ["Job", "Status", "Progress", "Submitted", "Ran for"];
