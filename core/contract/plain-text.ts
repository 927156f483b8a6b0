/** Plain text: tab and line feed are all of its control characters. */
// oxlint-disable-next-line no-control-regex -- it is there to refuse control characters
export const PLAIN_TEXT = /^[^\u0000-\u0008\u000B-\u001F\u007F]*$/u;
