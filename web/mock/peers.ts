import { type DicomPeer, type DicomPeerRules, newPeer } from '../src/admin/dicom/peers.ts';
import { administrator } from './access.ts';
import { type Call, Refusal, type Router } from './http.ts';
import { type World, newId } from './world.ts';

/** Peers of DICOM: one per look that the list has. */
function newPeers(): DicomPeer[] {
  const peer = (id: string, rules: Partial<DicomPeerRules>): DicomPeer => ({ ...newPeer(rules), id });
  const mrn = { name: '', system: 'https://changsang.example/mrn' };
  return [
    peer('peer-ct', {
      name: '长桑总医院 CT 1',
      title: 'CS_CT_1',
      organization_id: 'org-changsang',
      addresses: ['10.20.4.31'],
      certificate: '4a'.repeat(32),
      authorities: [mrn],
      makes_patients: true,
    }),
    peer('peer-pacs', {
      name: 'Archive of the county',
      title: 'COUNTY_PACS',
      addresses: ['10.1.2.3', '10.1.2.4', '2001:db8::11'],
      plain: true,
      query: true,
      retrieve: true,
      host: 'pacs.county.example',
      port: 11112,
      authorities: [mrn, { name: 'COUNTY', system: 'urn:oid:1.2.156.10011.1.1' }],
    }),
    peer('peer-viewer', {
      name: 'Reading room',
      title: 'READING_ROOM_03',
      store: false,
      query: true,
      retrieve: true,
      host: '10.20.6.12',
      port: 104,
    }),
    peer('peer-teaching', {
      name: 'Teaching archive',
      title: 'TEACHING',
      store: false,
      host: '2001:db8::104',
      port: 11112,
      certificate: 'c7'.repeat(32),
    }),
    peer('peer-any', { name: '任何设备 Any device', query: true, retrieve: true }),
  ];
}

export function peerRoutes(router: Router, world: World): void {
  const peers = newPeers();
  const found = (call: Call): number => {
    administrator(world, call);
    const place = peers.findIndex(({ id }) => id === call.at.id);
    if (place < 0) throw new Refusal(404, 'not-found');
    return place;
  };
  const checked = (call: Call, id: string): DicomPeer => {
    const rules = call.body<DicomPeerRules>();
    if (rules.name === '') throw new Refusal(422, 'field.required', { field: 'name' });
    if (rules.name.length > 200) throw new Refusal(422, 'field.long', { field: 'name' });
    if (peers.some((one) => one.id !== id && one.title === rules.title)) throw new Refusal(409, 'peer.known');
    return { ...rules, id };
  };
  router.on('GET', '/admin/peers', (call) => {
    administrator(world, call);
    return { json: { ae_title: 'BIANQUE', peers: peers.toSorted((a, b) => a.name.localeCompare(b.name)) } };
  });
  router.on('POST', '/admin/peers', (call) => {
    administrator(world, call);
    const made = checked(call, newId());
    peers.push(made);
    return { status: 201, json: made };
  });
  router.on('PUT', '/admin/peers/:id', (call) => {
    const place = found(call);
    const peer = checked(call, call.at.id ?? '');
    peers.splice(place, 1, peer);
    return { json: peer };
  });
  router.on('DELETE', '/admin/peers/:id', (call) => {
    peers.splice(found(call), 1);
    return {};
  });
}
