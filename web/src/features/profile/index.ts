/** Who somebody is: a card and a panel. */
export { ProfileCard, type ProfileCardProps, ProfilePanel, type ProfileProps } from './profile';
