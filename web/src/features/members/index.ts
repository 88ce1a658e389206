/** Who is in a room. */
export { MemberPanel, type MemberPanelProps } from './panel';
