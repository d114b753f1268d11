/** The link by which this tab came in, so that a lost cookie leads back to the confirmation and not to a dead end. */
export function rememberToken(visitId: string, token: string): void {
  sessionStorage.setItem(keyOf(visitId), token);
}
export function rememberedToken(visitId: string): string | null {
  return sessionStorage.getItem(keyOf(visitId));
}
function keyOf(visitId: string): string {
  return `bianque.join.${visitId}`;
}
