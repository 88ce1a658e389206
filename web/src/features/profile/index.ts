/** Who somebody is: the card beside a name. */
export { ProfileCard, type ProfileCardProps, type ProfileProps } from './profile';
