/** The number of unread messages in words. */
export function unreadText(count: number): string {
  return count === 1 ? "1 unread message" : `${count} unread messages`;
}
