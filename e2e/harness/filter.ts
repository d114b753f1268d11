import { execFileSync } from 'node:child_process';

/** The packet filter between this network and the server's. Only in a namespace: it is everybody's who is in it. */
export const filter = {
  /** Lets nothing through that matches one of the expressions of nftables, in either direction. */
  drop(...matches: string[]): void {
    filter.clear();
    nft('add table inet bianque');
    for (const hook of ['input', 'output']) {
      nft(`add chain inet bianque ${hook} { type filter hook ${hook} priority 0 ; }`);
      for (const match of matches) nft(`add rule inet bianque ${hook} ${match} drop`);
    }
  },
  /** Lets everything through. */
  clear(): void {
    nft('flush ruleset');
  },
};

function nft(command: string): void {
  if (!process.env.BIANQUE_SERVER_NETNS) throw new Error('only in a namespace: run `cargo xtask network`');
  execFileSync('nft', [command]);
}
